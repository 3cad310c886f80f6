using System;
using System.Collections.Generic;
using Azprovision.Native;

namespace Azprovision.Io;

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
        (byte[] Content, FileStatus Status)? old = files.TryReadWithStatus(path, int.MaxValue, noLinksBelow);
        if (old is null)
        {
            _changes.Add(new WriteFile(path, "create", content, ownership, noLinksBelow));
            return;
        }

        FileStatus status = old.Value.Status;
        bool same = old.Value.Content.AsSpan().SequenceEqual(content);
        if (!same || ownership != new Ownership(status.Permissions, status.Uid, status.Gid))
        {
            bool grows = !same && content.AsSpan().StartsWith(old.Value.Content);
            _changes.Add(new WriteFile(path, grows ? "append" : "replace", content, ownership, noLinksBelow));
        }
    }

    /// <summary>As <see cref="Write"/>, but an existing file keeps its mode and owner.</summary>
    internal void Edit(string path, byte[] content, Ownership ifNew, string? noLinksBelow = null)
    {
        FileStatus? status = files.TryStatus(path, noLinksBelow);
        Write(
            path,
            content,
            status is { } s ? new Ownership(s.Permissions, s.Uid, s.Gid) : ifNew,
            noLinksBelow);
    }

    /// <summary>A directory with this owner and mode; parents that are missing are made 0755 by root.</summary>
    internal void Directory(string path, Ownership ownership, string? noLinksBelow = null)
    {
        FileStatus? status = files.TryStatus(path, noLinksBelow);
        if (status is not { IsDirectory: true } s)
        {
            _changes.Add(new MakeDirectory(path, "create", ownership, noLinksBelow));
        }
        else if (ownership != new Ownership(s.Permissions, s.Uid, s.Gid))
        {
            _changes.Add(new MakeDirectory(path, "replace", ownership, noLinksBelow));
        }
    }

    internal void Link(string path, string target, Ownership ownership, string? noLinksBelow = null) =>
        _changes.Add(new MakeLink(path, target, ownership, noLinksBelow));

    internal void Remove(string path)
    {
        if (files.TryStatus(path) is not null)
        {
            _changes.Add(new RemoveFile(path));
        }
    }

    internal void Call(string what, Action invoke) => _changes.Add(new Call(what, invoke));

    /// <summary>A change of a file that this run may not read (a dry run by an ordinary user): to be shown, not made.</summary>
    internal void Unreadable(string path) =>
        _changes.Add(new WriteFile(path, "replace", null, default, null));
}
