using System;
using Azprovision.Native;

namespace Azprovision.Files;

/// <summary>One thing that a step will do to the system. The plan that --dry-run prints is a list of these.</summary>
/// <param name="Step">null: nobody asked in the name of a step</param>
/// <param name="Path">as the step named it; for a call what it is, as in "sethostname(2)"</param>
/// <param name="Action">create, replace, append, remove or call</param>
internal abstract record Change(Step? Step, string Path, string Action)
{
    /// <summary>It is nice to have: what fails of it is a warning.</summary>
    internal bool IsOptional => Step is { IsOptional: true };
}

/// <summary>Something that is not a file: a system call, a signal, a program.</summary>
internal sealed record Call(Step? Step, string Path, Action Invoke) : Change(Step, Path, "call");

/// <summary>A change of what is below the root.</summary>
/// <param name="Entry">the name that the path leads to, and so the one that is changed</param>
internal abstract record FileChange(Step? Step, string Path, string Action, Entry Entry) : Change(Step, Path, Action);

/// <summary>A directory that must be there with this owner and mode; made, or set right.</summary>
internal sealed record MakeDirectory(Step? Step, string Path, string Action, Entry Entry, Ownership Ownership)
    : FileChange(Step, Path, Action, Entry);

/// <summary>A symbolic link where nothing is yet.</summary>
internal sealed record MakeLink(Step? Step, string Path, Entry Entry, string Target, Ownership Ownership)
    : FileChange(Step, Path, "create", Entry);

/// <summary>A file that must not be there.</summary>
internal sealed record RemoveFile(Step? Step, string Path, Entry Entry) : FileChange(Step, Path, "remove", Entry);

/// <summary>A directory that must not be there; what is in it is removed before it, by changes of its own.</summary>
internal sealed record RemoveDirectory(Step? Step, string Path, Entry Entry) : FileChange(Step, Path, "remove", Entry);

/// <summary>A whole file, replaced atomically: by this content, or by a copy of another file, which is not held in memory.</summary>
internal sealed record WriteFile(
    Step? Step, string Path, string Action, Entry Entry, byte[] Content, Entry? Source, Ownership Ownership)
    : FileChange(Step, Path, Action, Entry)
{
    /// <summary>A file of the disk that has this content and ownership and may be had by another name.</summary>
    internal Entry? Old { get; init; }
}

/// <summary>Permission bits (0xFFF of st_mode) and owner of a file.</summary>
internal readonly record struct Ownership(uint Mode, uint Uid = 0, uint Gid = 0)
{
    internal static Ownership Of(FileStatus status) => new(status.Permissions, status.Uid, status.Gid);
}
