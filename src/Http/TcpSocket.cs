using System;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Http;

/// <summary>
/// A TCP connection over IPv4 by libc calls, every wait with a deadline. (The BCL's Socket would bring 657 KB, an epoll
/// instance and a thread.)
/// </summary>
/// <param name="waiting">told at each turn of a wait that lasts</param>
internal sealed class TcpSocket(Endpoint peer, Action? waiting = null) : IDisposable
{
    private const int Turn = 500;   // ms

    private readonly Descriptor _descriptor = Libc.OpenTcpSocket();
    private readonly string _peer = peer.ToString();

    internal void Connect(Deadline deadline)
    {
        Libc.BeginConnect(_descriptor.Number, peer.Address, peer.Port, _peer);
        Wait(Libc.POLLOUT, "connect", deadline);
        int error = Libc.ErrorOf(_descriptor.Number, _peer);
        if (error != 0)
        {
            throw new SyscallException("connect", _peer, error);
        }
    }

    internal void Send(ReadOnlySpan<byte> bytes, Deadline deadline)
    {
        while (bytes.Length > 0)
        {
            if (Libc.TrySend(_descriptor.Number, bytes, _peer) is { } count)
            {
                bytes = bytes[count..];
            }
            else
            {
                Wait(Libc.POLLOUT, "send", deadline);
            }
        }
    }

    /// <summary>Waits for some bytes; 0 when the peer has closed the connection in order.</summary>
    internal int Receive(Span<byte> buffer, Deadline deadline)
    {
        int? count;
        while ((count = Libc.TryReceive(_descriptor.Number, buffer, _peer)) is null)
        {
            Wait(Libc.POLLIN, "receive", deadline);
        }

        // A peer that never lets the socket run dry must not outlive the deadline either.
        return deadline.IsOver ? throw Silent("receive") : count.Value;
    }

    public void Dispose() => _descriptor.Dispose();

    private void Wait(short events, string call, Deadline deadline)
    {
        while (!Libc.Poll(_descriptor.Number, events, Math.Min(deadline.RemainingMilliseconds, Turn), _peer))
        {
            if (deadline.IsOver)
            {
                throw Silent(call);
            }

            waiting?.Invoke();
        }
    }

    private TimeoutException Silent(string call) =>
        new($"{call} '{_peer}': no {(call == "receive" ? "complete answer" : "answer")} in time");
}
