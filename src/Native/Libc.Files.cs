using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace Azprovision.Native;

internal static partial class Libc
{
    internal const int AT_FDCWD = -100;
    internal const int O_RDONLY = 0;
    internal const int O_WRONLY = 1;
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int O_EXCL = 0x80;
    internal const int O_NOCTTY = 0x100;
    internal const int O_TRUNC = 0x200;
    internal const int O_APPEND = 0x400;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;
    internal const int O_PATH = 0x200000;

    // These two are the other way round on arm64 than on x86-64 (asm/fcntl.h).
    internal static readonly int O_DIRECTORY =
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    internal static readonly int O_NOFOLLOW =
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const int AT_REMOVEDIR = 0x200;
    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_BASIC_STATS = 0x7FF;
    private const int F_GETFD = 1;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(int directory, string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial nint syscall(nint number, nint directory, string path, void* how, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint pread(int descriptor, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(int descriptor, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(int descriptor, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sync_file_range(int descriptor, long offset, long length, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmod(int descriptor, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchown(int descriptor, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int fchownat(int directory, string path, uint uid, uint gid, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdirat(int directory, string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int symlinkat(string target, int directory, string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int linkat(int directory, string path, int newDirectory, string newPath, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlinkat(int directory, string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat(int oldDirectory, string oldPath, int newDirectory, string newPath);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial nint readlinkat(int directory, string path, byte* buffer, nuint size);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint getdents64(int descriptor, byte* buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int fcntl(int descriptor, int command, void* argument);

    /// <summary>Opens relative to a directory descriptor (or AT_FDCWD), always close-on-exec.</summary>
    internal static Descriptor OpenAt(int directory, string path, int flags, uint mode = 0, string? subject = null)
    {
        int result;
        do
        {
            result = openat(directory, path, flags | O_CLOEXEC, mode);
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

        return new Descriptor(Check(result, "open", subject ?? path));
    }

    /// <summary>As <see cref="OpenAt"/>, but null when there is no such file.</summary>
    internal static Descriptor? TryOpenAt(int directory, string path, int flags, string? subject = null)
    {
        try
        {
            return OpenAt(directory, path, flags, 0, subject);
        }
        catch (SyscallException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>
    /// Opens by openat2(2), the descriptor's directory being the root for absolute paths, links and "..". Null when there is
    /// nothing, and when the kernel (before 5.6) or a filter of system calls does not have it, or something moved meanwhile.
    /// </summary>
    internal static unsafe Descriptor? TryOpenInRoot(int root, string path, int flags, uint mode, out bool isSupported)
    {
        const nint SYS_openat2 = 437;   // the same on all architectures; no libc of Debian 12's age has a function
        const ulong RESOLVE_NO_MAGICLINKS = 2;
        const ulong RESOLVE_IN_ROOT = 16;
        ulong* how = stackalloc ulong[3];   // struct open_how: flags, mode, resolve
        how[0] = (ulong)(uint)(flags | O_CLOEXEC);
        how[1] = mode;
        how[2] = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
        nint result;
        do
        {
            result = syscall(SYS_openat2, root, path, how, 3 * sizeof(ulong));
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

        int errno = result < 0 ? Marshal.GetLastPInvokeError() : 0;
        isSupported = errno is not (Errno.ENOSYS or Errno.EPERM or Errno.EAGAIN);
        return errno switch
        {
            0 => new Descriptor((int)result),
            Errno.ENOENT or Errno.ENOTDIR or Errno.ENOSYS or Errno.EPERM or Errno.EAGAIN => null,
            _ => throw new SyscallException("open", path, errno),
        };
    }

    // close(2) reports nothing that fsync(2) has not reported before.
    internal static void Close(int descriptor) => _ = close(descriptor);

    internal static unsafe int Read(int descriptor, Span<byte> buffer, string subject)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            do
            {
                count = read(descriptor, start, (nuint)buffer.Length);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

            return (int)Check(count, "read", subject);
        }
    }

    internal static unsafe int ReadAt(int descriptor, Span<byte> buffer, long offset, string subject)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            do
            {
                count = pread(descriptor, start, (nuint)buffer.Length, offset);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

            return (int)Check(count, "read", subject);
        }
    }

    internal static unsafe void WriteAll(int descriptor, ReadOnlySpan<byte> bytes, string subject)
    {
        while (bytes.Length > 0)
        {
            fixed (byte* start = bytes)
            {
                nint count = write(descriptor, start, (nuint)bytes.Length);
                if (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR)
                {
                    continue;
                }

                bytes = bytes[(int)Check(count, "write", subject)..];
            }
        }
    }

    /// <summary>The length in bytes by seeking to the end, which works for block devices too.</summary>
    internal static long LengthOf(int descriptor, string subject)
    {
        const int SEEK_END = 2;
        long length = lseek(descriptor, 0, SEEK_END);
        return length < 0 ? throw Failed("lseek", subject) : length;
    }

    internal static void Truncate(int descriptor, long length, string subject) =>
        Check(ftruncate(descriptor, length), "ftruncate", subject);

    /// <summary>Waits until the file is on the disk; returns 0, or what went wrong as errno.</summary>
    internal static int Fsync(int descriptor) => fsync(descriptor) < 0 ? Marshal.GetLastPInvokeError() : 0;

    // Only a beginning: where it does not work (a directory, a pipe), fsync(2) does it all.
    internal static void BeginWriteback(int descriptor)
    {
        const uint SYNC_FILE_RANGE_WRITE = 2;
        _ = sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
    }

    internal static void SetMode(int descriptor, uint mode, string subject) =>
        Check(fchmod(descriptor, mode), "fchmod", subject);

    internal static void SetOwner(int descriptor, uint uid, uint gid, string subject) =>
        Check(fchown(descriptor, uid, gid), "fchown", subject);

    internal static void SetLinkOwner(int directory, string name, uint uid, uint gid, string subject) =>
        Check(fchownat(directory, name, uid, gid, AT_SYMLINK_NOFOLLOW), "fchownat", subject);

    /// <summary>Makes a directory; false when something of that name is there already.</summary>
    internal static bool MakeDirectoryAt(int directory, string name, uint mode, string subject)
    {
        if (mkdirat(directory, name, mode) < 0)
        {
            return Marshal.GetLastPInvokeError() == Errno.EEXIST ? false : throw Failed("mkdir", subject);
        }

        return true;
    }

    internal static bool TryLinkAt(int directory, string name, int newDirectory, string newName) =>
        linkat(directory, name, newDirectory, newName, 0) == 0;

    internal static void SymlinkAt(string target, int directory, string name, string subject) =>
        Check(symlinkat(target, directory, name), "symlink", subject);

    /// <summary>Removes a name; false when it is not there.</summary>
    internal static bool UnlinkAt(int directory, string name, string subject, bool isDirectory = false)
    {
        if (unlinkat(directory, name, isDirectory ? AT_REMOVEDIR : 0) < 0)
        {
            return Marshal.GetLastPInvokeError() == Errno.ENOENT ? false : throw Failed("unlink", subject);
        }

        return true;
    }

    internal static void RenameAt(int directory, string oldName, string newName, string subject) =>
        Check(renameat(directory, oldName, directory, newName), "rename", subject);

    /// <summary>The text of a symbolic link, or null when the name is absent or no link.</summary>
    internal static unsafe string? TryReadLinkAt(int directory, string name, string subject)
    {
        const int PATH_MAX = 4096;
        byte* buffer = stackalloc byte[PATH_MAX];
        nint length = readlinkat(directory, name, buffer, PATH_MAX);
        if (length < 0)
        {
            return Marshal.GetLastPInvokeError() is Errno.EINVAL or Errno.ENOENT or Errno.ENOTDIR
                ? null
                : throw Failed("readlink", subject);
        }

        return Encoding.UTF8.GetString(buffer, (int)length);
    }

    /// <summary>The status of an open file.</summary>
    internal static FileStatus StatusOf(int descriptor, string subject) =>
        TryStatusAt(descriptor, "", AT_EMPTY_PATH, subject)
        ?? throw new SyscallException("statx", subject, Errno.ENOENT);

    /// <summary>The status of a name, a link not followed, or null when it is not there.</summary>
    internal static FileStatus? TryStatusAt(int directory, string name, string subject) =>
        TryStatusAt(directory, name, AT_SYMLINK_NOFOLLOW, subject);

    // struct statx has one layout on all architectures (linux/stat.h), struct stat has not.
    private static unsafe FileStatus? TryStatusAt(int directory, string name, int flags, string subject)
    {
        const int SizeOfStatx = 256;
        byte* buffer = stackalloc byte[SizeOfStatx];
        if (statx(directory, name, flags, STATX_BASIC_STATS, buffer) < 0)
        {
            return Marshal.GetLastPInvokeError() is Errno.ENOENT or Errno.ENOTDIR
                ? null
                : throw Failed("statx", subject);
        }

        var status = new ReadOnlySpan<byte>(buffer, SizeOfStatx);
        ulong device = ((ulong)MemoryMarshal.Read<uint>(status[136..]) << 32) | MemoryMarshal.Read<uint>(status[140..]);
        return new FileStatus(
            MemoryMarshal.Read<ushort>(status[28..]),
            MemoryMarshal.Read<uint>(status[20..]),
            MemoryMarshal.Read<uint>(status[24..]),
            MemoryMarshal.Read<long>(status[40..]),
            MemoryMarshal.Read<ulong>(status[32..]),
            device,
            MemoryMarshal.Read<long>(status[112..]));
    }

    /// <summary>The names in an open directory, without "." and "..", in byte order.</summary>
    internal static unsafe List<string> NamesIn(int directory, string subject)
    {
        const int BufferSize = 8192;
        const int NameOffset = 19;   // struct linux_dirent64: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name
        var names = new List<string>();
        byte* buffer = stackalloc byte[BufferSize];
        while (true)
        {
            int filled = (int)Check(getdents64(directory, buffer, BufferSize), "getdents64", subject);
            if (filled == 0)
            {
                break;
            }

            for (int at = 0; at < filled;)
            {
                int length = MemoryMarshal.Read<ushort>(new ReadOnlySpan<byte>(buffer + at + 16, 2));
                var name = new ReadOnlySpan<byte>(buffer + at + NameOffset, length - NameOffset);
                string text = Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]);
                if (text is not ("." or ".."))
                {
                    names.Add(text);
                }

                at += length;
            }
        }

        names.Sort(string.CompareOrdinal);
        return names;
    }
}
