using System;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>
/// IPv4 packets of one network interface, with their headers, sent to everyone on it and received whether or not another
/// program has the port.
/// </summary>
internal sealed class PacketSocket : IDisposable
{
    private readonly byte[] _buffer = new byte[2048];
    private readonly Descriptor _descriptor;
    private readonly byte[] _everyone;
    private readonly string _name;

    private PacketSocket(Descriptor descriptor, byte[] everyone, Link link)
    {
        _descriptor = descriptor;
        _everyone = everyone;
        _name = link.Name;
    }

    /// <summary>
    /// By packet(7): the only way to talk before the interface has an address. The kernel takes some 10 ms to close it.
    /// </summary>
    /// <param name="udpPort">only packets to this UDP port are received</param>
    internal static PacketSocket OnLink(Link link, ushort udpPort) =>
        new(Libc.OpenPacketSocket(link.Index, FilterFor(udpPort), link.Name), Libc.EveryoneOn(link.Index), link);

    /// <summary>By raw(7): for an interface that has its address. It gets copies of what the owner of the port receives.</summary>
    internal static PacketSocket OverIp(Link link, ushort udpPort) =>
        new(Libc.OpenRawSocket(link.Name, FilterFor(udpPort)), Libc.EveryoneByIp(), link);

    internal void SendToAll(ReadOnlySpan<byte> packet) => Libc.SendTo(_descriptor.Number, _everyone, packet, _name);

    /// <summary>Waits for a packet, valid until the next one; empty when none came in time.</summary>
    internal ReadOnlySpan<byte> Receive(Deadline deadline)
    {
        while (true)
        {
            if (Libc.TryReceive(_descriptor.Number, _buffer, _name) is { } length)
            {
                return _buffer.AsSpan(0, length);
            }

            if (deadline.IsOver)
            {
                return [];
            }

            _ = Libc.Poll(_descriptor.Number, Libc.POLLIN, deadline.RemainingMilliseconds, _name);   // the loop looks again
        }
    }

    public void Dispose() => _descriptor.Dispose();

    /// <summary>
    /// A classic BPF program (struct sock_filter: code 2, jt 1, jf 1, k 4): a busy interface must not fill the queue with
    /// packets that are not for us. It only spares work, the reader checks all fields.
    /// </summary>
    private static ulong[] FilterFor(ushort udpPort) =>
    [
        Instruction(0x30, 0, 0, 9),          // load byte: protocol
        Instruction(0x15, 0, 6, 17),         // UDP, else drop
        Instruction(0x28, 0, 0, 6),          // load half word: fragment offset
        Instruction(0x45, 4, 0, 0x1FFF),     // not the first fragment: drop
        Instruction(0xB1, 0, 0, 0),          // X = length of the IP header
        Instruction(0x48, 0, 0, 2),          // load half word at X + 2: destination port
        Instruction(0x15, 0, 1, udpPort),
        Instruction(0x06, 0, 0, 0xFFFF),     // take it
        Instruction(0x06, 0, 0, 0),          // drop it
    ];

    private static ulong Instruction(ushort code, byte ifTrue, byte ifFalse, uint operand) =>
        code | ((ulong)ifTrue << 16) | ((ulong)ifFalse << 24) | ((ulong)operand << 32);
}
