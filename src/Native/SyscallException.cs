using System.IO;
using System.Runtime.InteropServices;

namespace Azprovision.Native;

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
