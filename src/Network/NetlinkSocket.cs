using System;
using System.IO;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>A netlink socket to the kernel's routing: datagrams out and in, whatever they mean (netlink(7)).</summary>
internal sealed class NetlinkSocket : IDisposable
{
    private const uint RTMGRP_LINK = 0x1;
    private const uint RTMGRP_IPV4_ROUTE = 0x40;

    // The kernel makes the parts of a dump no longer than the buffer they are read into, 32 KiB at most.
    private readonly byte[] _buffer = new byte[32 << 10];
    private readonly Descriptor _descriptor;

    private NetlinkSocket(uint groups) => _descriptor = Libc.OpenRouteSocket(groups);

    internal static NetlinkSocket ForRequests() => new(0);

    /// <summary>One that hears of every link and route that comes, goes or changes from now on.</summary>
    internal static NetlinkSocket ForEvents() => new(RTMGRP_LINK | RTMGRP_IPV4_ROUTE);

    internal void Send(ReadOnlySpan<byte> message)
    {
        // The kernel takes a request whole and works on it before the call returns.
        if (Libc.TrySend(_descriptor.Number, message, "rtnetlink") != message.Length)
        {
            throw new IOException("rtnetlink: the kernel took no request");
        }
    }

    /// <summary>
    /// The next datagram, valid until the one after it. There is no wait: an answer is queued before the request's send
    /// returns, the next part of a dump when the last one is read.
    /// </summary>
    internal ReadOnlySpan<byte> Receive()
    {
        int length = Libc.TryReceiveFromKernel(_descriptor.Number, _buffer)
            ?? throw new IOException("rtnetlink: the kernel gave no answer");
        return length <= _buffer.Length
            ? _buffer.AsSpan(0, length)
            : throw new InvalidDataException($"rtnetlink: a datagram of {length} bytes, {_buffer.Length} are taken");
    }

    /// <summary>Waits until something has changed, or in vain; what it was, the caller has to look at.</summary>
    internal void WaitForEvents(Deadline deadline)
    {
        while (!Libc.Poll(_descriptor.Number, Libc.POLLIN, deadline.RemainingMilliseconds, "rtnetlink"))
        {
            if (deadline.IsOver)
            {
                return;
            }
        }

        while (TryDrop())
        {
        }
    }

    /// <summary>The driver's name of an interface, or null when it has none.</summary>
    internal string? TryGetDriver(string link) => Libc.TryGetDriver(_descriptor.Number, link);

    public void Dispose() => _descriptor.Dispose();

    private bool TryDrop()
    {
        try
        {
            return Libc.TryReceiveFromKernel(_descriptor.Number, _buffer) is not null;
        }
        catch (SyscallException e) when (e.Errno == Errno.ENOBUFS)
        {
            return true;   // more events than the queue holds: the same as one event
        }
    }
}
