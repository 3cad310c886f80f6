using Azprovision.Native;

namespace Azprovision.Io;

/// <summary>Permission bits (0xFFF of st_mode) and owner of a file.</summary>
internal readonly record struct Ownership(uint Mode, uint Uid = 0, uint Gid = 0)
{
    internal static Ownership Of(FileStatus status) => new(status.Permissions, status.Uid, status.Gid);
}
