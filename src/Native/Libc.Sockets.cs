using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Azprovision.Native;

internal static partial class Libc
{
    internal const short POLLIN = 1;
    internal const short POLLOUT = 4;

    // In milliseconds. A signal that is held back wakes no wait, and signalfd(2) is not in every kernel.
    private const int LookForSignals = 500;

    private const int AF_INET = 2;
    private const int SOCK_STREAM = 1;
    private const int SOCK_NONBLOCK = 0x800;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int SOL_SOCKET = 1;
    private const int SO_ERROR = 4;
    private const int MSG_NOSIGNAL = 0x4000;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int connect(int descriptor, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int getsockopt(int descriptor, int level, int option, int* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int poll(PollFd* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint send(int descriptor, byte* buffer, nuint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint recv(int descriptor, byte* buffer, nuint count, int flags);

    /// <summary>A TCP socket over IPv4 whose calls never wait.</summary>
    internal static Descriptor OpenTcpSocket() =>
        new(Check(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));

    /// <summary>The same for UDP.</summary>
    internal static Descriptor OpenUdpSocket() =>
        new(Check(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));

    /// <summary>Begins to connect. When the socket becomes writable, <see cref="ErrorOf"/> says how it went.</summary>
    internal static unsafe void BeginConnect(int descriptor, uint address, ushort port, string subject)
    {
        const int SizeOfSockaddrIn = 16;   // sin_family 2 in host order, sin_port 2, sin_addr 4, zeros 8
        byte* name = stackalloc byte[SizeOfSockaddrIn];
        var fields = new Span<byte>(name, SizeOfSockaddrIn);
        fields.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(fields, AF_INET);
        BinaryPrimitives.WriteUInt16BigEndian(fields[2..], port);
        BinaryPrimitives.WriteUInt32BigEndian(fields[4..], address);

        // An interrupted connect(2) goes on in the background, as one in progress does.
        if (connect(descriptor, name, SizeOfSockaddrIn) < 0
            && Marshal.GetLastPInvokeError() is not (Errno.EINPROGRESS or Errno.EINTR))
        {
            throw Failed("connect", subject);
        }
    }

    /// <summary>The pending error of a socket, 0 when there is none.</summary>
    internal static unsafe int ErrorOf(int descriptor, string subject)
    {
        int value;
        uint length = sizeof(int);
        Check(getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length), "getsockopt", subject);
        return value;
    }

    /// <summary>
    /// Waits until the descriptor is ready (or broken, which the next call on it reports); false when the time passed, a
    /// signal came first, or it is time to look for a signal that was held back (<see cref="HoldTermination"/>).
    /// </summary>
    internal static unsafe bool Poll(int descriptor, short events, int milliseconds, string subject)
    {
        ThrowIfTerminated();
        var entry = new PollFd { Descriptor = descriptor, Events = events };
        int ready = poll(&entry, 1, Math.Min(milliseconds, LookForSignals));
        return !(ready < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR) && Check(ready, "poll", subject) > 0;
    }

    /// <summary>Sends what the kernel takes now, without SIGPIPE; null when it takes nothing.</summary>
    internal static unsafe int? TrySend(int descriptor, ReadOnlySpan<byte> bytes, string subject)
    {
        fixed (byte* start = bytes)
        {
            nint count = send(descriptor, start, (nuint)bytes.Length, MSG_NOSIGNAL);
            return CountOrNotNow(count, "send", subject);
        }
    }

    /// <summary>Receives what is there: 0 at the end of the stream, null when there is nothing yet.</summary>
    internal static unsafe int? TryReceive(int descriptor, Span<byte> buffer, string subject)
    {
        fixed (byte* start = buffer)
        {
            nint count = recv(descriptor, start, (nuint)buffer.Length, 0);
            return CountOrNotNow(count, "receive", subject);
        }
    }

    private static int? CountOrNotNow(nint count, string call, string subject) =>
        count < 0 && Marshal.GetLastPInvokeError() is Errno.EAGAIN or Errno.EINTR
            ? null
            : (int)Check(count, call, subject);

    // struct pollfd of poll(2)
    private struct PollFd
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }
}
