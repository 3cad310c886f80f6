using System;
using System.Runtime.InteropServices;

namespace Azprovision.Native;

internal static partial class Libc
{
    private const int LOCK_SH = 1;
    private const int LOCK_EX = 2;
    private const int LOCK_NB = 4;
    private const int LOCK_UN = 8;
    private const int F_OFD_GETLK = 36;
    private const int F_OFD_SETLK = 37;
    private const short F_WRLCK = 1;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(int descriptor, int operation);

    /// <summary>
    /// Takes an exclusive flock(2) without waiting; false when another process holds it. On a kernel without
    /// CONFIG_FILE_LOCKING nobody can.
    /// </summary>
    internal static bool TryFlock(int descriptor, string subject)
    {
        if (flock(descriptor, LOCK_EX | LOCK_NB) < 0)
        {
            return Marshal.GetLastPInvokeError() switch
            {
                Errno.EAGAIN => false,
                Errno.ENOSYS => true,
                _ => throw Failed("flock", subject),
            };
        }

        return true;
    }

    /// <summary>Whether another process holds an exclusive flock(2). Those who ask this do not see each other.</summary>
    internal static bool IsFlocked(int descriptor)
    {
        bool isHeld = flock(descriptor, LOCK_SH | LOCK_NB) < 0 && Marshal.GetLastPInvokeError() == Errno.EAGAIN;
        _ = flock(descriptor, LOCK_UN);   // if none was taken, nothing happens
        return isHeld;
    }

    /// <summary>
    /// Takes the whole-file write lock that lckpwdf(3) takes, without waiting; false when another process holds it. An
    /// open-file-description lock (fcntl(2)) excludes the process locks of the shadow suite and ends with the descriptor.
    /// </summary>
    internal static unsafe bool TrySetLock(int descriptor, string subject)
    {
        // struct flock of 64-bit kernels: l_type 2, l_whence 2, padding 4, l_start 8, l_len 8 (0 = to the end), l_pid 4
        byte* request = stackalloc byte[32];
        new Span<byte>(request, 32).Clear();
        *(short*)request = F_WRLCK;
        if (fcntl(descriptor, F_OFD_SETLK, request) < 0)
        {
            return Marshal.GetLastPInvokeError() switch
            {
                Errno.EAGAIN => false,
                // Said by a kernel without CONFIG_FILE_LOCKING too, which cannot be asked who holds the lock either.
                Errno.EACCES => fcntl(descriptor, F_OFD_GETLK, request) < 0 && Marshal.GetLastPInvokeError() == Errno.EINVAL,
                _ => throw Failed("fcntl", subject),
            };
        }

        return true;
    }

    internal static unsafe bool IsOpen(int descriptor) => fcntl(descriptor, F_GETFD, null) >= 0;
}
