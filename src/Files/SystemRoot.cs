using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Native;

namespace Azprovision.Files;

/// <summary>
/// The root file system that is provisioned. Every path of a system file is resolved inside it: a link or ".." that points
/// above it ends at its top, so nothing leads out. What is read here is read anew each time; <see cref="PlannedRoot"/>
/// is for what is going to be changed.
/// </summary>
internal sealed class SystemRoot : IDisposable
{
    /// <summary>The most that is read of any file, in bytes.</summary>
    internal const int MaxFileSize = 64 << 20;

    private readonly Descriptor _root;

    private SystemRoot(string path, Descriptor root)
    {
        Path = path;
        _root = root;
    }

    /// <summary>The directory as the caller named it.</summary>
    internal string Path { get; }

    internal int DescriptorNumber => _root.Number;

    internal static SystemRoot Open(string directory) =>
        new(directory, Libc.OpenAt(Libc.AT_FDCWD, directory, Libc.O_RDONLY | Libc.O_DIRECTORY));

    public void Dispose() => _root.Dispose();

    /// <summary>The whole file, or null when there is none, or only a link that leads nowhere.</summary>
    internal byte[]? TryRead(string path, int limit = MaxFileSize)
    {
        using Descriptor? file = TryOpen(path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOCTTY);
        return file is null ? null : ReadAll(file.Number, Libc.StatusOf(file.Number, path), path, limit);
    }

    /// <summary>The status of what the path leads to, or null when there is nothing.</summary>
    internal FileStatus? TryStatus(string path)
    {
        using Descriptor? file = TryOpen(path, Libc.O_PATH);
        return file is null ? null : Libc.StatusOf(file.Number, path);
    }

    internal bool IsDirectory(string path) => TryStatus(path) is { IsDirectory: true };

    /// <summary>The names in a directory in byte order; none when it is not there.</summary>
    internal IReadOnlyList<string> NamesIn(string path)
    {
        using Descriptor? directory = TryOpen(path, Libc.O_RDONLY | Libc.O_DIRECTORY);
        return directory is null ? [] : Libc.NamesIn(directory.Number, path);
    }

    /// <summary>
    /// Opens what the path leads to. With O_CREAT it is made with this mode, but not its directory. Null: it, or the
    /// directory, is not there.
    /// </summary>
    internal Descriptor? TryOpen(string path, int flags, uint mode = 0)
    {
        Descriptor? file = Libc.TryOpenInRoot(_root.Number, path, flags, mode, out bool isSupported);
        if (isSupported)
        {
            return file;
        }

        using var view = new PlannedRoot(this);   // a kernel before 5.6
        return view.TryOpen(path, flags, mode);
    }

    internal Descriptor OpenDirectory(string path) =>
        TryOpen(path, Libc.O_RDONLY | Libc.O_DIRECTORY) ?? throw new SyscallException("open", path, Errno.ENOENT);

    /// <summary>Writes an attribute of sysfs, which is a file that cannot be replaced.</summary>
    internal void WriteAttribute(string path, ReadOnlySpan<byte> value)
    {
        using Descriptor? file = TryOpen(path, Libc.O_WRONLY | Libc.O_NOCTTY);
        if (file is not null)
        {
            Libc.WriteAll(file.Number, value, path);
        }
    }

    /// <summary>Reads an open file to its end; one that is not a regular file or is longer than the limit is refused.</summary>
    internal static byte[] ReadAll(int file, FileStatus status, string path, int limit)
    {
        if (!status.IsRegular)
        {
            throw new IOException($"'{path}' is not a regular file");
        }

        if (status.Size > limit)
        {
            throw new InvalidDataException($"'{path}' has {status.Size} bytes, at most {limit} are read");
        }

        // Files of /proc and /sys say that they are empty or a page long: read until the end, whatever was said.
        byte[] buffer = new byte[status.Size > 0 ? status.Size : 4096];
        int filled = 0;
        while (true)
        {
            int count = Libc.Read(file, buffer.AsSpan(filled), path);
            filled += count;
            if (filled > limit)
            {
                throw new InvalidDataException($"'{path}' has more than {limit} bytes");
            }

            if (count == 0 || (filled == status.Size && filled > 0))
            {
                return filled == buffer.Length ? buffer : buffer.AsSpan(0, filled).ToArray();
            }

            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }
}
