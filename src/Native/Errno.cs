using System.IO;
using System.Runtime.InteropServices;

namespace Azprovision.Native;

/// <summary>The errno values that decide something here; the numbers of asm-generic, the same on x86-64 and arm64.</summary>
internal static class Errno
{
    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int ESRCH = 3;
    internal const int EINTR = 4;
    internal const int EIO = 5;
    internal const int ENXIO = 6;
    internal const int EAGAIN = 11;
    internal const int EBADF = 9;
    internal const int EACCES = 13;
    internal const int EBUSY = 16;
    internal const int EEXIST = 17;
    internal const int EXDEV = 18;
    internal const int ENODEV = 19;
    internal const int ENOTDIR = 20;
    internal const int EINVAL = 22;
    internal const int ENOSPC = 28;
    internal const int EROFS = 30;
    internal const int ENOSYS = 38;
    internal const int ELOOP = 40;
    internal const int EAFNOSUPPORT = 97;
    internal const int EADDRNOTAVAIL = 99;
    internal const int ENETUNREACH = 101;
    internal const int ENOBUFS = 105;
    internal const int EHOSTUNREACH = 113;
    internal const int EINPROGRESS = 115;
    internal const int EDQUOT = 122;
    internal const int ENOMEDIUM = 123;
}

/// <summary>A system call that failed: which one, on what, and the kernel's reason.</summary>
internal sealed class SyscallException(string call, string? subject, int errno)
    : IOException(Describe(call, subject, errno))
{
    internal int Errno => errno;

    internal bool IsNotFound => errno is Native.Errno.ENOENT or Native.Errno.ENOTDIR;

    private static string Describe(string call, string? subject, int errno)
    {
        string where = subject is null ? call : $"{call} '{subject}'";
        return $"{where}: {Marshal.GetPInvokeErrorMessage(errno)}";
    }
}
