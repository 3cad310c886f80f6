using System;
using Azprovision.Native;

namespace Azprovision.Files;

/// <summary>One thing that a step will do to the system. The plan that --dry-run prints is a list of these.</summary>
/// <param name="Path">below the root; for a call its name, as in "sethostname(2)"</param>
/// <param name="Action">create, replace, append, remove or call</param>
internal abstract record Change(string Path, string Action);

/// <summary>Something that is not a file: a system call, a signal, a program.</summary>
internal sealed record Call(string Path, Action Invoke) : Change(Path, "call");

/// <summary>A directory that must be there with this owner and mode; made, or set right.</summary>
internal sealed record MakeDirectory(string Path, string Action, Ownership Ownership, string? NoLinksBelow)
    : Change(Path, Action);

/// <summary>A symbolic link where nothing is yet.</summary>
internal sealed record MakeLink(string Path, string Target, Ownership Ownership, string? NoLinksBelow)
    : Change(Path, "create");

/// <summary>A file that must not be there.</summary>
internal sealed record RemoveFile(string Path) : Change(Path, "remove");

/// <summary>A whole file, replaced atomically.</summary>
/// <param name="Content">null only in a dry run that may not read the old content</param>
internal sealed record WriteFile(
    string Path, string Action, byte[]? Content, Ownership Ownership, string? NoLinksBelow) : Change(Path, Action);

/// <summary>Permission bits (0xFFF of st_mode) and owner of a file.</summary>
internal readonly record struct Ownership(uint Mode, uint Uid = 0, uint Gid = 0)
{
    internal static Ownership Of(FileStatus status) => new(status.Permissions, status.Uid, status.Gid);
}
