using System;

namespace Azprovision.Native;

/// <summary>An open file descriptor, closed once. (SafeFileHandle would link the BCL's whole file layer.)</summary>
internal sealed class Descriptor(int number) : IDisposable
{
    private int _number = number;

    internal int Number => _number >= 0 ? _number : throw new ObjectDisposedException(nameof(Descriptor));

    public void Dispose()
    {
        if (_number >= 0)
        {
            Libc.Close(_number);
            _number = -1;
        }
    }
}

/// <summary>
/// What statx(2) tells of a file: st_mode with its type bits, owner, size in bytes, identity, and the time of its last change
/// in seconds since 1970.
/// </summary>
internal readonly record struct FileStatus(
    uint Mode, uint Uid, uint Gid, long Size, ulong Inode, ulong Device, long Modified)
{
    private const uint S_IFMT = 0xF000;

    internal uint Permissions => Mode & 0xFFF;

    internal bool IsRegular => (Mode & S_IFMT) == 0x8000;

    internal bool IsDirectory => (Mode & S_IFMT) == 0x4000;

    internal bool IsLink => (Mode & S_IFMT) == 0xA000;

    internal bool IsCharacterDevice => (Mode & S_IFMT) == 0x2000;

    internal bool IsBlockDevice => (Mode & S_IFMT) == 0x6000;

    internal bool IsSameFile(FileStatus other) => Inode == other.Inode && Device == other.Device;
}
