using System;
using System.Collections.Generic;
using Azprovision.Native;

namespace Azprovision.Files;

/// <summary>
/// Collects what a step wants the system to look like, and keeps only what is not so already. Nothing is touched before
/// <see cref="SystemRoot.Commit"/>; a dry run prints the list instead.
/// </summary>
internal sealed class ChangeSet(SystemRoot files)
{
    private readonly List<Change> _changes = [];

    internal IReadOnlyList<Change> Changes => _changes;

    /// <summary>A file with this content, mode and owner. An existing one is replaced as a whole.</summary>
    /// <param name="noLinksBelow">no link is followed after this prefix of the path: it belongs to a user</param>
    internal void Write(string path, byte[] content, Ownership ownership, string? noLinksBelow = null)
    {
        (byte[] Content, FileStatus Status)? old;
        try
        {
            old = files.TryReadWithStatus(path, int.MaxValue, noLinksBelow);
        }
        catch (SyscallException e) when (IsDenied(e))
        {
            Unreadable(path);
            return;
        }

        if (old is null)
        {
            _changes.Add(new WriteFile(path, "create", content, ownership, noLinksBelow));
            return;
        }

        FileStatus status = old.Value.Status;
        bool same = old.Value.Content.AsSpan().SequenceEqual(content);
        if (!same || ownership != Ownership.Of(status))
        {
            bool grows = !same && content.AsSpan().StartsWith(old.Value.Content);
            _changes.Add(new WriteFile(path, grows ? "append" : "replace", content, ownership, noLinksBelow));
        }
    }

    /// <summary>As <see cref="Write"/>, but an existing file keeps its mode and owner.</summary>
    internal void Edit(string path, byte[] content, Ownership ifNew, string? noLinksBelow = null)
    {
        Write(
            path,
            content,
            TryStatus(path, noLinksBelow) is { } status ? Ownership.Of(status) : ifNew,
            noLinksBelow);
    }

    /// <summary>
    /// The content that is to be edited, null when there is no such file. False: this run may not read it, and the file
    /// is on the list.
    /// </summary>
    internal bool TryRead(string path, out byte[]? content, string? noLinksBelow = null)
    {
        content = null;
        try
        {
            content = files.TryRead(path, int.MaxValue, noLinksBelow);
            return true;
        }
        catch (SyscallException e) when (IsDenied(e))
        {
            Unreadable(path);
            return false;
        }
    }

    /// <summary>A directory with this owner and mode; parents that are missing are made 0755 by root.</summary>
    internal void Directory(string path, Ownership ownership, string? noLinksBelow = null)
    {
        FileStatus? status = TryStatus(path, noLinksBelow);
        if (status is not { IsDirectory: true } s)
        {
            _changes.Add(new MakeDirectory(path, "create", ownership, noLinksBelow));
        }
        else if (ownership != Ownership.Of(s))
        {
            _changes.Add(new MakeDirectory(path, "replace", ownership, noLinksBelow));
        }
    }

    internal void Link(string path, string target, Ownership ownership, string? noLinksBelow = null) =>
        _changes.Add(new MakeLink(path, target, ownership, noLinksBelow));

    internal void Remove(string path)
    {
        if (TryStatus(path, null) is not null)
        {
            _changes.Add(new RemoveFile(path));
        }
    }

    internal void Call(string what, Action invoke) => _changes.Add(new Call(what, invoke));

    /// <summary>A change of a file that this run may not read (a dry run by an ordinary user): to be shown, not made.</summary>
    internal void Unreadable(string path) =>
        _changes.Add(new WriteFile(path, "replace", null, default, null));

    // What may not be looked at counts as absent: a dry run by an ordinary user shows what it can.
    private FileStatus? TryStatus(string path, string? noLinksBelow)
    {
        try
        {
            return files.TryStatus(path, noLinksBelow);
        }
        catch (SyscallException e) when (IsDenied(e))
        {
            return null;
        }
    }

    private static bool IsDenied(SyscallException e) => e.Errno == Errno.EACCES && !Libc.IsRoot;
}
