using System;
using System.Runtime.InteropServices;

namespace Azprovision.Native;

internal static partial class Libc
{
    private const uint GRND_NONBLOCK = 1;

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial uint getegid();

    [LibraryImport("libc")]
    private static partial int isatty(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int sethostname(byte* name, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int gethostname(byte* name, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int uname(byte* name);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint getrandom(byte* buffer, nuint count, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static unsafe partial int nanosleep(long* request, long* remaining);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int clock_gettime(int clock, long* time);

    internal static bool IsRoot => geteuid() == 0;

    internal static bool IsRootGroup => getegid() == 0;

    internal static bool IsTerminal(int descriptor) => isatty(descriptor) == 1;

    internal static unsafe void SetHostName(ReadOnlySpan<byte> name)
    {
        fixed (byte* start = name)
        {
            Check(sethostname(start, (nuint)name.Length), "sethostname");
        }
    }

    /// <summary>The kernel's host name, at most 64 bytes of it (__NEW_UTS_LEN).</summary>
    internal static unsafe string GetHostName()
    {
        byte* buffer = stackalloc byte[65];
        Check(gethostname(buffer, 65), "gethostname");
        return Marshal.PtrToStringUTF8((nint)buffer) ?? "";
    }

    /// <summary>The version of the kernel that runs, as in "6.1.0-18-amd64".</summary>
    internal static unsafe string KernelRelease()
    {
        const int SizeOfField = 65;   // struct utsname: six of them, sysname, nodename, release, ...
        byte* fields = stackalloc byte[6 * SizeOfField];
        Check(uname(fields), "uname");
        return Marshal.PtrToStringUTF8((nint)(fields + (2 * SizeOfField))) ?? "";
    }

    /// <summary>
    /// Fills with random bytes; false when the kernel's generator is not seeded yet. A kernel without the call (before
    /// 3.17) makes this throw.
    /// </summary>
    internal static unsafe bool TryGetRandom(Span<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            nint count = getrandom(start, (nuint)bytes.Length, GRND_NONBLOCK);
            if (count < 0 && Marshal.GetLastPInvokeError() is Errno.EAGAIN or Errno.EINTR)
            {
                return false;
            }

            return Check(count, "getrandom") == bytes.Length;
        }
    }

    /// <summary>How long ago the kernel was started.</summary>
    internal static unsafe TimeSpan Uptime()
    {
        const int CLOCK_BOOTTIME = 7;
        long* time = stackalloc long[2];   // struct timespec of 64-bit kernels: seconds, nanoseconds
        Check(clock_gettime(CLOCK_BOOTTIME, time), "clock_gettime");
        return TimeSpan.FromSeconds(time[0]);
    }

    // A signal shortens the sleep, which costs the caller one more look at what it waits for.
    internal static unsafe void Sleep(TimeSpan span)
    {
        TimeSpan look = TimeSpan.FromMilliseconds(LookForSignals);
        long* request = stackalloc long[2];   // struct timespec of 64-bit kernels: seconds, nanoseconds
        request[0] = 0;
        do
        {
            ThrowIfTerminated();
            TimeSpan part = span < look ? span : look;
            request[1] = part.Ticks * 100;
            _ = nanosleep(request, null);
            span -= part;
        }
        while (span > TimeSpan.Zero);
    }

    internal static void SendHangup(int pid)
    {
        const int SIGHUP = 1;
        Check(kill(pid, SIGHUP), "kill", pid.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
