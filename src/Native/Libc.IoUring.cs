using System.Runtime.InteropServices;

namespace Azprovision.Native;

/// <summary>io_uring(7), of which only IORING_OP_FSYNC is used. Call numbers and layouts are those of all architectures.</summary>
internal static partial class Libc
{
    internal const nint IORING_OFF_SQ_RING = 0;
    internal const nint IORING_OFF_CQ_RING = 0x8000000;
    internal const nint IORING_OFF_SQES = 0x10000000;

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint syscall(nint number, nint first, void* second);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint syscall(nint number, nint first, nint second, nint third, nint fourth, void* fifth, nuint sixth);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial void* mmap(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc")]
    private static unsafe partial int munmap(void* address, nuint length);

    /// <summary>Makes a ring; null where the kernel has none (before 5.1) or does not let us (a switch, a filter).</summary>
    /// <param name="parameters">struct io_uring_params, 120 bytes, filled in by the kernel</param>
    internal static unsafe Descriptor? TryOpenRing(int entries, byte* parameters)
    {
        const nint SYS_io_uring_setup = 425;
        nint ring = syscall(SYS_io_uring_setup, entries, parameters);
        return ring < 0 ? null : new Descriptor((int)ring);
    }

    /// <summary>
    /// Submits so many entries and, if the kernel takes them all, waits for as many to be completed or for a signal. What it
    /// did of that stands in the ring; the result is errno, or 0.
    /// </summary>
    internal static unsafe int EnterRing(int ring, int submitted, int completed)
    {
        const nint SYS_io_uring_enter = 426;
        const nint IORING_ENTER_GETEVENTS = 1;
        nint result = syscall(SYS_io_uring_enter, ring, submitted, completed, IORING_ENTER_GETEVENTS, null, 0);
        return result < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Null: it cannot be mapped.</summary>
    internal static unsafe byte* TryMap(int descriptor, nint offset, nuint length)
    {
        const int PROT_READ_WRITE = 3;
        const int MAP_SHARED = 1;
        void* start = mmap(null, length, PROT_READ_WRITE, MAP_SHARED, descriptor, offset);
        return (nint)start == -1 ? null : (byte*)start;
    }

    internal static unsafe void Unmap(byte* start, nuint length) => _ = munmap(start, length);
}
