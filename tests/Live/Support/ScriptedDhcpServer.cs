using System;
using System.Collections.Generic;
using System.Threading;
using Azprovision.Native;
using Azprovision.Network;
using Azprovision.Run;

namespace Azprovision.Tests.Live.Support;

/// <summary>A DHCP server on eth0 of a namespace that answers what a test tells it to, right or wrong.</summary>
internal sealed class ScriptedDhcpServer : IDisposable
{
    internal const uint Address = 0x0A090001;   // 10.9.0.1
    internal const uint Given = 0x0A090032;     // 10.9.0.50

    private readonly Thread _thread;
    private volatile bool _isOver;

    /// <param name="answers">the UDP payloads to send for the n-th request of its type, from 1 on</param>
    internal ScriptedDhcpServer(NetworkNamespace network, Func<DhcpMessage, int, IEnumerable<byte[]>> answers)
    {
        using var isListening = new ManualResetEventSlim();
        _thread = new Thread(() =>
        {
            network.Enter();
            Serve(answers, isListening.Set);
        });
        _thread.Start();
        isListening.Wait();
    }

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
    }

    internal static byte[] Offer(DhcpMessage request, params IEnumerable<DhcpOption> more) =>
        Reply(request, DhcpMessageType.Offer, more).Encode();

    internal static byte[] Ack(DhcpMessage request, params IEnumerable<DhcpOption> more) =>
        Reply(request, DhcpMessageType.Ack, more).Encode();

    internal static byte[] Nak(DhcpMessage request) =>
        Reply(request, DhcpMessageType.Nak, [new DhcpOption(DhcpOption.Message, "not yours"u8.ToArray())]).Encode();

    /// <summary>What a good server sends: an offer, an acknowledgement.</summary>
    internal static byte[] Right(DhcpMessage request) =>
        request.Type == DhcpMessageType.Discover ? Offer(request, Router) : Ack(request, Router);

    internal static DhcpOption Router { get; } = new(DhcpOption.Router, [10, 9, 0, 1]);

    internal static DhcpMessage Reply(DhcpMessage request, DhcpMessageType type, IEnumerable<DhcpOption> more) =>
        new(
            DhcpMessage.BOOTREPLY,
            request.Xid,
            request.HardwareAddress,
            [
                new DhcpOption(DhcpOption.MessageType, [(byte)type]),
                new DhcpOption(DhcpOption.ServerIdentifier, [10, 9, 0, 1]),
                new DhcpOption(DhcpOption.SubnetMask, [255, 255, 255, 0]),
                .. more,
            ])
        {
            YourAddress = Given,
        };

    private void Serve(Func<DhcpMessage, int, IEnumerable<byte[]>> answers, Action listening)
    {
        using var rtnetlink = new Rtnetlink();
        Link link = default!;
        foreach (Link other in rtnetlink.Links())
        {
            link = other.Name == "eth0" ? other : link;
        }

        using var socket = PacketSocket.OnLink(link, 67);
        var counts = new Dictionary<DhcpMessageType, int>();
        listening();
        while (!_isOver)
        {
            ReadOnlySpan<byte> packet = socket.Receive(Deadline.After(TimeSpan.FromSeconds(0.1), TimeProvider.System));
            ReadOnlySpan<byte> payload = UdpPacket.PayloadOf(packet, 68, 67);
            if (payload.Length == 0)
            {
                continue;
            }

            DhcpMessage request = DhcpMessage.Parse(payload);
            DhcpMessageType type = request.Type!.Value;
            counts[type] = counts.GetValueOrDefault(type) + 1;
            foreach (byte[] answer in answers(request, counts[type]))
            {
                try
                {
                    socket.SendToAll(UdpPacket.Encode(Address, 67, 0xFFFFFFFF, 68, answer));
                }
                catch (SyscallException)
                {
                    // The client has set its end of the link down.
                }
            }
        }
    }
}
