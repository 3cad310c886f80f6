using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Native;

namespace Azprovision.Files;

/// <summary>
/// The root as it will be: what is on the disk, and over it what the steps have planned so far. A step reads through this,
/// and so sees what earlier steps will have made, and adds to it what is not so already. Nothing is touched before
/// <see cref="Commit"/>; a dry run prints <see cref="Changes"/> instead.
/// </summary>
internal sealed partial class PlannedRoot(SystemRoot disk) : IDisposable
{
    private static readonly Ownership s_parent = new(0x1ED);   // 0755

    private readonly Entry _top = Entry.Top(disk.DescriptorNumber);
    private readonly List<Change> _changes = [];

    internal SystemRoot Disk => disk;

    internal IReadOnlyList<Change> Changes => _changes;

    /// <summary>Whose the changes are that are added from now on.</summary>
    internal Step? Step { get; set; }

    /// <summary>Told of what could not be done and need not be.</summary>
    internal Action<string> Warn { get; init; } = _ => { };

    /// <summary>Told of what was there to be read and could not count.</summary>
    internal Action<string> Note { get; init; } = _ => { };

    public void Dispose()
    {
        foreach (Change change in Changes)
        {
            // It may be a private key.
            (change as WriteFile)?.Content.AsSpan().Clear();
        }

        _top.Close();
    }

    /// <summary>The whole file, or null when there is none. What is there but is not a regular file is an error.</summary>
    /// <param name="noLinksBelow">no link is followed after this prefix of the path: it belongs to a user</param>
    internal byte[]? TryRead(string path, string? noLinksBelow = null)
    {
        Entry entry = Walk(path, noLinksBelow);
        return entry.Status is null ? null : entry.Read(path);
    }

    /// <summary>As <see cref="TryRead"/>, for what will be written: a link that leads nowhere is an error.</summary>
    internal byte[]? TryReadToEdit(string path)
    {
        Entry entry = WalkToWrite(path, null);
        return entry.Status is null ? null : entry.Read(path);
    }

    /// <summary>As <see cref="TryRead"/>, for what is only looked at: whatever is not a regular file says nothing.</summary>
    internal byte[]? TryReadAdvice(string path)
    {
        if (TryStatus(path) is { IsRegular: true, Size: <= SystemRoot.MaxFileSize })
        {
            return TryRead(path);
        }

        if (TryStatusOfName(path) is not null)
        {
            Note($"'{path}' is not a regular file, passed over");
        }

        return null;
    }

    /// <summary>As <see cref="TryReadAdvice"/>: the file in /etc, or where there is none the vendor's.</summary>
    internal byte[]? TryReadAdviceOrVendors(string name) =>
        TryReadAdvice($"/etc/{name}") ?? TryReadAdvice($"/usr/etc/{name}") ?? TryReadAdvice($"/usr/lib/{name}");

    /// <summary>The status of what the path leads to, or null when there is nothing.</summary>
    internal FileStatus? TryStatus(string path, string? noLinksBelow = null)
    {
        try
        {
            return Walk(path, noLinksBelow).Status;
        }
        catch (SyscallException e) when (e.Errno == Errno.ELOOP)
        {
            return null;   // links in a ring lead nowhere too
        }
    }

    /// <summary>The path without links.</summary>
    internal string RealPath(string path) => Walk(path, null).Path;

    internal bool IsDirectory(string path) => TryStatus(path) is { IsDirectory: true };

    /// <summary>The names in a directory in byte order; none when it is not there.</summary>
    internal IReadOnlyList<string> NamesIn(string path) => IsDirectory(path) ? Walk(path, null).Names() : [];

    /// <summary>The status of the name itself and, for a link, its text; null when there is nothing.</summary>
    internal (FileStatus Status, string? LinkTarget)? TryStatusOfName(string path)
    {
        Entry entry = Walk(path, null, followLast: false);
        return entry.Status is { } status ? (status, entry.LinkTarget) : null;
    }

    /// <summary>
    /// Whether an administrator has put nothing in the place of a vendor's file: an empty one, or a link to /dev/null, be
    /// that there or not (the root of an initramfs has an empty /dev).
    /// </summary>
    internal bool IsMasked(string path)
    {
        Entry entry = Walk(path, null);
        return entry.Path == "/dev/null" || entry.OnDisk is { IsRegular: true, Size: 0 };
    }

    /// <summary>Opens what the path leads to on the disk; null when it is not there and is not to be made.</summary>
    internal Descriptor? TryOpen(string path, int flags, uint mode)
    {
        Entry entry = Walk(path, null);
        if (entry.Parent is null)
        {
            return Libc.OpenAt(entry.Open(), ".", flags, mode, path);
        }

        bool isMade = (flags & Libc.O_CREAT) != 0 && entry.Parent.OnDisk is { IsDirectory: true };
        return entry.OnDisk is not null || isMade ? entry.OpenFile(flags, path, mode) : null;
    }

    /// <summary>A file with this content, mode and owner. An existing one is replaced as a whole.</summary>
    internal void Write(string path, byte[] content, Ownership ownership, string? noLinksBelow = null) =>
        Write(path, WalkToWrite(path, noLinksBelow), content, ownership);

    /// <summary>As <see cref="Write(string, byte[], Ownership, string)"/>, but an existing file keeps its mode and owner.</summary>
    internal void Edit(string path, byte[] content, Ownership ifNew, string? noLinksBelow = null)
    {
        Entry entry = WalkToWrite(path, noLinksBelow);
        Write(path, entry, content, entry.Status is { } status ? Ownership.Of(status) : ifNew);
    }

    /// <summary>
    /// As <see cref="Edit"/>, but where a link leads out of the directory at the top, as from /etc into the vendor's /usr, the
    /// link gives way to a file.
    /// </summary>
    internal void EditOwn(string path, byte[] content, Ownership ifNew)
    {
        Entry entry = WalkToWrite(path, null);
        Entry name = Walk(path, null, followLast: false);
        if (entry == name || IsBelowTopOf(path, entry.Path))
        {
            Edit(path, content, ifNew);
        }
        else
        {
            Plan(name, new WriteFile(Step, path, "replace", name, content, null, Ownership.Of(entry.Status!.Value)));
        }
    }

    /// <summary>As <see cref="Edit"/>, but what a link leads to may be somebody else's: there a failure is a warning.</summary>
    internal void EditShared(string path, byte[] content, Ownership ifNew)
    {
        if (TryStatusOfName(path) is { Status.IsLink: true })
        {
            Try(() => Edit(path, content, ifNew));
        }
        else
        {
            Edit(path, content, ifNew);
        }
    }

    /// <summary>A nicety in a file: one that a link has elsewhere, as in a store of packages, is not changed for that.</summary>
    internal void TryEdit(string path, byte[] content, Ownership ifNew) => Try(() =>
    {
        string place = WalkToWrite(path, null).Path;
        if (!IsBelowTopOf(path, place))
        {
            throw new IOException($"'{path}' leads to '{place}', which is not changed for a nicety");
        }

        Edit(path, content, ifNew);
    });

    /// <summary>Another name for what a file is before this run: for the file itself, or where that cannot be, for a copy.</summary>
    internal void Keep(string path, string otherName, byte[] content)
    {
        Entry old = Walk(path, null);
        Entry entry = WalkToWrite(otherName, null);
        Write(otherName, entry, content, Ownership.Of(old.OnDisk!.Value));
        if (entry.Planned is WriteFile copy)
        {
            Plan(entry, copy with { Old = old });
        }
    }

    /// <summary>A copy of a file, with this owner, where nothing is yet.</summary>
    internal void Copy(string source, string path, Ownership ownership, string? noLinksBelow = null)
    {
        Entry entry = WalkToWrite(path, noLinksBelow);
        Plan(entry, new WriteFile(Step, path, "create", entry, [], Walk(source, null), ownership));
    }

    /// <summary>A directory with this owner and mode; where a link leads to a place that is not there, it is made there.</summary>
    internal void Directory(string path, Ownership ownership, string? noLinksBelow = null)
    {
        Entry entry = Walk(path, noLinksBelow);
        MakeParents(path, entry);
        if (entry.Status is not { } status)
        {
            Plan(entry, new MakeDirectory(Step, path, "create", entry, ownership));
        }
        else if (!status.IsDirectory)
        {
            throw new SyscallException("mkdir", path, Errno.EEXIST);
        }
        else if (ownership != Ownership.Of(status))
        {
            Plan(entry, new MakeDirectory(Step, path, entry.OnDisk is null ? "create" : "replace", entry, ownership));
        }
    }

    internal void Link(string path, string target, Ownership ownership, string? noLinksBelow = null)
    {
        Entry entry = Walk(path, noLinksBelow, followLast: false);
        MakeParents(path, entry);
        Plan(entry, new MakeLink(Step, path, entry, target, ownership));
    }

    /// <param name="content">null: there must be no such file</param>
    internal void WriteOrRemove(string path, byte[]? content, Ownership ownership)
    {
        if (content is null)
        {
            Remove(path);
        }
        else
        {
            Write(path, content, ownership);
        }
    }

    internal void Call(string what, Action invoke) => _changes.Add(new Call(Step, what, invoke));

    /// <summary>Plans something that is nice to have: what fails of it, now or in the commit, is a warning.</summary>
    internal void Try(Action plan)
    {
        Step? step = Step;
        Step = step is null ? null : step with { IsOptional = true };
        try
        {
            plan();
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Warn($"{e.Message}, ignoring");
        }
        finally
        {
            Step = step;
        }
    }

    private static bool IsBelowTopOf(string path, string place) =>
        place.StartsWith(path[..(path.IndexOf('/', 1) + 1)], StringComparison.Ordinal);

    private void Write(string path, Entry entry, byte[] content, Ownership ownership)
    {
        MakeParents(path, entry);
        if (entry.Status is { } status && ownership == Ownership.Of(status)
            && content.AsSpan().SequenceEqual(entry.Read(path)))
        {
            return;
        }

        string action = entry.OnDisk is null ? "create"
            : !entry.IsUnreadable && Grows(entry.ReadFromDisk(path), content) ? "append"
            : "replace";
        Plan(entry, new WriteFile(Step, path, action, entry, content, null, ownership));
    }

    private static bool Grows(ReadOnlySpan<byte> old, ReadOnlySpan<byte> content) =>
        content.Length > old.Length && content.StartsWith(old);

    // A name has one change, the last one: what an earlier step planned is what this one has read and built upon. It keeps
    // the earlier one's place, since others may stand on it, as files on their directory.
    private void Plan(Entry entry, FileChange change)
    {
        int place = entry.Planned is null ? -1 : _changes.FindIndex(other => ReferenceEquals(other, entry.Planned));
        if (place < 0)
        {
            _changes.Add(change);
        }
        else
        {
            _changes[place] = change;
        }

        entry.Planned = change;
    }

    private void MakeParents(string path, Entry entry)
    {
        if (entry.Parent is not { } parent || parent.Status is { IsDirectory: true })
        {
            return;
        }

        if (parent.Status is not null)
        {
            throw new SyscallException("open", path, Errno.ENOTDIR);
        }

        MakeParents(path, parent);
        Plan(parent, new MakeDirectory(Step, parent.Path, "create", parent, s_parent));
    }
}
