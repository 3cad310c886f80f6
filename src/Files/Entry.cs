using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Native;

namespace Azprovision.Files;

/// <summary>
/// A name in a directory below the root: what the disk has under it, looked at once, and what is planned for it. It is
/// never a link on the way to somewhere: its parent is the directory in which the name stands.
/// </summary>
internal sealed class Entry
{
    private const uint S_IFREG = 0x8000;
    private const uint S_IFDIR = 0x4000;
    private const uint S_IFLNK = 0xA000;

    private readonly OpenDirectories _open;
    private readonly Dictionary<string, Entry> _children = [];
    private bool _isKnown;
    private FileStatus? _onDisk;
    private IReadOnlyList<string>? _namesOnDisk;
    private string? _linkOnDisk;
    private byte[]? _content;

    private Entry(OpenDirectories open, Entry? parent, string name)
    {
        _open = open;
        Parent = parent;
        Name = name;
    }

    /// <summary>Null: the root itself.</summary>
    internal Entry? Parent { get; }

    internal string Name { get; }

    internal FileChange? Planned { get; set; }

    /// <summary>The path without any link in it.</summary>
    internal string Path => Parent is null ? "/" : Parent.Parent is null ? $"/{Name}" : $"{Parent.Path}/{Name}";

    /// <summary>It is there, but this run, which is not root's, may not read it; so it counts as empty.</summary>
    internal bool IsUnreadable { get; private set; }

    /// <summary>What the disk has, a link not followed, or null.</summary>
    internal FileStatus? OnDisk
    {
        get
        {
            if (!_isKnown)
            {
                _onDisk = Look();
                _isKnown = true;
            }

            return _onDisk;
        }
    }

    /// <summary>The status as it will be.</summary>
    internal FileStatus? Status => Planned switch
    {
        null => OnDisk,
        MakeDirectory made => Planning(S_IFDIR, made.Ownership),
        MakeLink link => Planning(S_IFLNK, link.Ownership),
        WriteFile { Source: { } source } copy => Planning(S_IFREG, copy.Ownership, source.OnDisk?.Size ?? 0),
        WriteFile file => Planning(S_IFREG, file.Ownership, file.Content.Length),
        _ => null,
    };

    /// <summary>The text of the link that it will be, or null.</summary>
    internal string? LinkTarget => Planned is MakeLink link ? link.Target
        : Status is { IsLink: true } ? _linkOnDisk ??= Libc.TryReadLinkAt(Parent!.Open(), Name, Path)
        : null;

    internal static Entry Top(int root)
    {
        var open = new OpenDirectories(root);
        return new Entry(open, null, "/");
    }

    internal Entry Child(string name)
    {
        if (!_children.TryGetValue(name, out Entry? child))
        {
            child = new Entry(_open, this, name);
            _children.Add(name, child);
        }

        return child;
    }

    /// <summary>The names that the directory will have, in byte order.</summary>
    internal List<string> Names()
    {
        var names = new List<string>();
        foreach (string name in NamesOnDisk())
        {
            if (!_children.TryGetValue(name, out Entry? child) || child.Status is not null)
            {
                names.Add(name);
            }
        }

        foreach (Entry child in _children.Values)
        {
            if (child.OnDisk is null && child.Status is not null)
            {
                names.Add(child.Name);
            }
        }

        names.Sort(string.CompareOrdinal);
        return names;
    }

    /// <summary>The content that the file will have.</summary>
    internal byte[] Read(string path) => Planned switch
    {
        WriteFile { Source: { } source } => source.ReadFromDisk(path),
        WriteFile file => file.Content,
        _ => ReadFromDisk(path),
    };

    /// <summary>The content that the file has, read once.</summary>
    internal byte[] ReadFromDisk(string path)
    {
        if (_content is null)
        {
            if (OnDisk is not { IsRegular: true } status)
            {
                throw new IOException($"'{path}' is not a regular file");
            }

            try
            {
                using Descriptor file = OpenFile(Libc.O_RDONLY, path);
                _content = SystemRoot.ReadAll(file.Number, status, path, SystemRoot.MaxFileSize);
            }
            catch (SyscallException e) when (IsDenied(e))
            {
                IsUnreadable = true;
                _content = [];
            }
            catch (OutOfMemoryException e)
            {
                throw new IOException($"'{path}': not enough memory for its {status.Size} bytes", e);
            }
        }

        return _content;
    }

    internal Descriptor OpenFile(int flags, string path, uint mode = 0) => Libc.OpenAt(
        Parent!.Open(), Name, flags | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOCTTY, mode, path);

    /// <summary>The directory's descriptor, which stays open until this is disposed of or many others are opened.</summary>
    internal int Open() => _open.Get(this, mayCloseOthers: true);

    /// <summary>As <see cref="Open"/>, for some that are needed at the same time: none is closed for this one.</summary>
    internal int OpenBesideOthers() => _open.Get(this, mayCloseOthers: false);

    internal void Close() => _open.Dispose();

    // The disk is not asked for what stands in a directory that is not there yet.
    private FileStatus? Look()
    {
        try
        {
            return Parent is null ? Libc.StatusOf(Open(), Path)
                : Parent.OnDisk is { IsDirectory: true } ? Libc.TryStatusAt(Parent.Open(), Name, Path)
                : null;
        }
        catch (SyscallException e) when (IsDenied(e))
        {
            return null;
        }
    }

    private IReadOnlyList<string> NamesOnDisk()
    {
        try
        {
            return _namesOnDisk ??= OnDisk is { IsDirectory: true } ? Libc.NamesIn(Open(), Path) : [];
        }
        catch (SyscallException e) when (IsDenied(e) || (e.Errno == Errno.EBADF && !Libc.IsRoot))   // open with O_PATH alone
        {
            return _namesOnDisk = [];
        }
    }

    private static FileStatus Planning(uint type, Ownership ownership, long size = 0) =>
        new(type | ownership.Mode, ownership.Uid, ownership.Gid, size, 0, 0, 0);

    // A dry run by an ordinary user shows what it can.
    private static bool IsDenied(SyscallException e) => e.Errno == Errno.EACCES && !Libc.IsRoot;

    /// <summary>The descriptors of directories, not more of them at a time than a process may have.</summary>
    private sealed class OpenDirectories(int root) : IDisposable
    {
        private const int Most = 128;   // of RLIMIT_NOFILE's 1,024, and as deep as a path may be and still be walked
        private readonly Dictionary<Entry, Descriptor> _descriptors = [];

        internal int Get(Entry directory, bool mayCloseOthers)
        {
            if (directory.Parent is null)
            {
                return root;
            }

            if (!_descriptors.TryGetValue(directory, out Descriptor? descriptor))
            {
                int parent = Get(directory.Parent, mayCloseOthers);
                if (mayCloseOthers && _descriptors.Count >= Most)
                {
                    CloseAllBut(directory.Parent);
                }

                descriptor = OpenAt(parent, directory);
                _descriptors.Add(directory, descriptor);
            }

            return descriptor.Number;
        }

        public void Dispose() => CloseAllBut(null);

        private void CloseAllBut(Entry? kept)
        {
            foreach ((Entry directory, Descriptor descriptor) in _descriptors)
            {
                if (directory != kept)
                {
                    descriptor.Dispose();
                    _descriptors.Remove(directory);
                }
            }
        }

        // Readable, so that it can be listed and synced; one that may only be passed through (0711) does for the rest.
        private static Descriptor OpenAt(int parent, Entry directory)
        {
            int flags = Libc.O_DIRECTORY | Libc.O_NOFOLLOW;
            try
            {
                return Libc.OpenAt(parent, directory.Name, Libc.O_RDONLY | flags, 0, directory.Path);
            }
            catch (SyscallException e) when (IsDenied(e))
            {
                return Libc.OpenAt(parent, directory.Name, Libc.O_PATH | flags, 0, directory.Path);
            }
        }
    }
}
