using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Native;

namespace Azprovision.Files;

/// <summary>
/// The root file system that is provisioned. Every path of a system file goes through here: it is walked component by
/// component from the root's descriptor, links are resolved as if the root were "/", and so nothing leads out of it.
/// </summary>
internal sealed partial class SystemRoot : IDisposable
{
    private const int MaxFileSize = 16 << 20;

    private readonly Descriptor _root;

    private SystemRoot(string path, Descriptor root)
    {
        Path = path;
        _root = root;
    }

    /// <summary>The directory as the caller named it.</summary>
    internal string Path { get; }

    internal int DescriptorNumber => _root.Number;

    internal bool IsRunningSystem => Path == "/";

    internal static SystemRoot Open(string directory) =>
        new(directory, Libc.OpenAt(Libc.AT_FDCWD, directory, Libc.O_RDONLY | Libc.O_DIRECTORY));

    public void Dispose() => _root.Dispose();

    /// <summary>The whole file, or null when there is none. A link that leads nowhere is an error, not an absence.</summary>
    internal byte[]? TryRead(string path, int limit = MaxFileSize, string? noLinksBelow = null) =>
        TryReadWithStatus(path, limit, noLinksBelow)?.Content;

    internal (byte[] Content, FileStatus Status)? TryReadWithStatus(string path, int limit, string? noLinksBelow = null)
    {
        using Place? place = TryFind(path, noLinksBelow);
        if (place is null)
        {
            return null;
        }

        using Descriptor? file = TryOpenLast(place, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOCTTY);
        return file is null ? null : ReadAll(file, path, Math.Min(limit, MaxFileSize));
    }

    /// <summary>The status of what the path leads to, or null when there is nothing.</summary>
    internal FileStatus? TryStatus(string path, string? noLinksBelow = null)
    {
        using Place? place = TryFind(path, noLinksBelow);
        return place is null ? null : Libc.TryStatusAt(place.Directory.Number, place.Name, place.Path);
    }

    internal bool IsDirectory(string path) => TryStatus(path) is { IsDirectory: true };

    /// <summary>The names in a directory in byte order; none when it is not there.</summary>
    internal IReadOnlyList<string> NamesIn(string path)
    {
        using Place? place = TryFind(path, null);
        if (place is null || Libc.TryStatusAt(place.Directory.Number, place.Name, path) is not { IsDirectory: true })
        {
            return [];
        }

        using Descriptor? directory = TryOpenLast(place, Libc.O_RDONLY | Libc.O_DIRECTORY);
        return directory is null ? [] : Libc.NamesIn(directory.Number, path);
    }

    internal Descriptor OpenDirectory(string path)
    {
        using Place? place = TryFind(path, null);
        return (place is null ? null : TryOpenLast(place, Libc.O_RDONLY | Libc.O_DIRECTORY))
            ?? throw new SyscallException("open", path, Errno.ENOENT);
    }

    /// <summary>The status of the name itself and, for a link, its text; null when there is nothing.</summary>
    internal (FileStatus Status, string? LinkTarget)? TryStatusOfName(string path)
    {
        using Place? place = Walk(path, null, followLast: false, makeParents: false);
        if (place is null || Libc.TryStatusAt(place.Directory.Number, place.Name, path) is not { } status)
        {
            return null;
        }

        return (status, status.IsLink ? Libc.TryReadLinkAt(place.Directory.Number, place.Name, path) : null);
    }

    /// <summary>Opens a file for its lock; made empty with this mode when it is not there.</summary>
    internal Descriptor OpenForLock(string path, uint mode) => OpenOrMake(path, Libc.O_WRONLY, mode);

    /// <summary>Opens a file that other programs have open too, and so cannot be replaced; made empty when it is not there.</summary>
    internal Descriptor OpenForUpdate(string path, uint mode) => OpenOrMake(path, Libc.O_RDWR, mode);

    /// <summary>Opens a file to add to its end; made with this mode when it is not there. Null: its directory is not there.</summary>
    internal Descriptor? TryOpenForAppend(string path, uint mode)
    {
        using Place? place = Walk(path, null, followLast: true, makeParents: false);
        return place is null ? null : Libc.OpenAt(
            place.Directory.Number,
            place.Name,
            Libc.O_WRONLY | Libc.O_CREAT | Libc.O_APPEND | Libc.O_NOFOLLOW | Libc.O_NOCTTY,
            mode,
            path);
    }

    private Descriptor OpenOrMake(string path, int access, uint mode)
    {
        using Place place = Walk(path, null, followLast: true, makeParents: true)!;
        return Libc.OpenAt(
            place.Directory.Number,
            place.Name,
            access | Libc.O_CREAT | Libc.O_NOFOLLOW | Libc.O_NOCTTY,
            mode,
            path);
    }

    /// <summary>Writes an attribute of sysfs, which is a file that cannot be replaced.</summary>
    internal void WriteAttribute(string path, ReadOnlySpan<byte> value)
    {
        using Place? place = TryFind(path, null);
        using Descriptor? file = place is null ? null : TryOpenLast(place, Libc.O_WRONLY | Libc.O_NOCTTY);
        if (file is not null)
        {
            Libc.WriteAll(file.Number, value, path);
        }
    }

    private static (byte[] Content, FileStatus Status) ReadAll(Descriptor file, string path, int limit)
    {
        FileStatus status = Libc.StatusOf(file.Number, path);
        if (!status.IsRegular)
        {
            throw new IOException($"'{path}' is no regular file");
        }

        if (status.Size > limit)
        {
            throw new InvalidDataException($"'{path}' has {status.Size} bytes, at most {limit} are read");
        }

        // Files of /proc and /sys say that they are empty or a page long: read until the end, whatever was said.
        byte[] buffer = new byte[status.Size > 0 ? status.Size + 1 : 4096];
        int filled = 0;
        while (true)
        {
            int count = Libc.Read(file.Number, buffer.AsSpan(filled), path);
            if (count == 0)
            {
                return (buffer.AsSpan(0, filled).ToArray(), status);
            }

            filled += count;
            if (filled > limit)
            {
                throw new InvalidDataException($"'{path}' has more than {limit} bytes");
            }

            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }
}
