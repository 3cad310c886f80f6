using System;
using System.Buffers.Binary;

namespace Azprovision.Network;

/// <summary>UDP in IPv4 (RFC 768, RFC 791) for a packet socket, which leaves both headers to us.</summary>
internal static class UdpPacket
{
    private const int IpHeaderLength = 20;
    private const int UdpHeaderLength = 8;
    private const byte UDP = 17;

    internal static byte[] Encode(
        uint source, ushort sourcePort, uint destination, ushort destinationPort, ReadOnlySpan<byte> payload)
    {
        byte[] packet = new byte[IpHeaderLength + UdpHeaderLength + payload.Length];
        packet[0] = 0x45;   // version 4, header of five words
        packet[8] = 64;     // time to live
        packet[9] = UDP;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), source);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), destination);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Finished(Sum(packet.AsSpan(0, IpHeaderLength))));

        Span<byte> udp = packet.AsSpan(IpHeaderLength);
        BinaryPrimitives.WriteUInt16BigEndian(udp, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        payload.CopyTo(udp[UdpHeaderLength..]);
        ushort checksum = Finished(Sum(udp) + PseudoHeader(packet, udp.Length));
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], checksum == 0 ? ushort.MaxValue : checksum);
        return packet;
    }

    /// <summary>The payload of a whole, undamaged packet from one port to another; empty for anything else.</summary>
    internal static ReadOnlySpan<byte> PayloadOf(ReadOnlySpan<byte> packet, ushort sourcePort, ushort destinationPort)
    {
        if (packet.Length < IpHeaderLength || packet[0] >> 4 != 4 || packet[9] != UDP)
        {
            return [];
        }

        int headerLength = (packet[0] & 0xF) * 4;
        int totalLength = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        bool isFragment = (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3FFF) != 0;
        if (headerLength < IpHeaderLength || totalLength < headerLength + UdpHeaderLength || totalLength > packet.Length
            || isFragment || Finished(Sum(packet[..headerLength])) != 0)
        {
            return [];
        }

        ReadOnlySpan<byte> udp = packet[headerLength..totalLength];
        int length = BinaryPrimitives.ReadUInt16BigEndian(udp[4..]);
        return length >= UdpHeaderLength && length <= udp.Length
            && BinaryPrimitives.ReadUInt16BigEndian(udp) == sourcePort
            && BinaryPrimitives.ReadUInt16BigEndian(udp[2..]) == destinationPort
            && HasGoodChecksum(packet, udp[..length])
                ? udp[UdpHeaderLength..length]
                : [];
    }

    /// <summary>
    /// None, a right one, or one that is not finished: a packet that never left the machine or its host (veth, virtio) has the
    /// sum of the pseudo header only, as the sender leaves the rest to hardware that it never reaches.
    /// </summary>
    private static bool HasGoodChecksum(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> udp)
    {
        ushort checksum = BinaryPrimitives.ReadUInt16BigEndian(udp[6..]);
        uint pseudoHeader = PseudoHeader(packet, udp.Length);
        return checksum == 0
            || Finished(Sum(udp) + pseudoHeader) == 0
            || checksum == (ushort)~Finished(pseudoHeader);
    }

    private static uint PseudoHeader(ReadOnlySpan<byte> packet, int udpLength) =>
        Sum(packet.Slice(12, 8)) + UDP + (uint)udpLength;

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i + 1 < bytes.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        }

        return bytes.Length % 2 == 0 ? sum : sum + ((uint)bytes[^1] << 8);
    }

    // RFC 1071: the carries go back in at the low end, then all bits are turned.
    private static ushort Finished(uint sum)
    {
        while (sum > ushort.MaxValue)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
