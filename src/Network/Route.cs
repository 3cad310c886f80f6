using System;
using System.Buffers.Binary;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>An IPv4 route of the main table (rtnetlink(7), RTM_NEWROUTE).</summary>
/// <param name="Gateway">null: the destination is on the link itself</param>
/// <param name="Source">the address of this machine that packets get</param>
/// <param name="GatewayIsOnLink">the gateway is on the link although no other route says so</param>
internal sealed record Route(Ipv4Prefix Destination, uint? Gateway, int Link, uint? Source, bool GatewayIsOnLink = false)
{
    private const byte AF_INET = 2;
    private const byte RT_TABLE_MAIN = 254;
    private const byte RTPROT_DHCP = 16;
    private const byte RT_SCOPE_UNIVERSE = 0;
    private const byte RT_SCOPE_LINK = 253;
    private const byte RTN_UNICAST = 1;
    private const uint RTNH_F_ONLINK = 4;
    private const ushort RTA_DST = 1;
    private const ushort RTA_OIF = 4;
    private const ushort RTA_GATEWAY = 5;
    private const ushort RTA_PREFSRC = 7;

    /// <summary>The body of a request for the route that packets to an address would take.</summary>
    internal static byte[] Query(uint destination)
    {
        Span<byte> fixedPart = stackalloc byte[12];
        fixedPart.Clear();
        fixedPart[0] = AF_INET;
        fixedPart[1] = 32;
        return new NetlinkAttributes().WithAddress(RTA_DST, destination).EncodeAfter(fixedPart);
    }

    /// <summary>Reads the body of RTM_NEWROUTE: struct rtmsg, then attributes.</summary>
    internal static Route Parse(ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(body, "netlink route");
        reader.Skip(1);
        int length = Math.Min((int)reader.Byte(), 32);
        reader.Skip(10);
        NetlinkAttributes attributes = NetlinkAttributes.Parse(reader.Bytes(reader.Remaining));
        return new Route(
            Ipv4Prefix.Around(attributes.TryGetAddress(RTA_DST) ?? 0, length),
            attributes.TryGetAddress(RTA_GATEWAY),
            (int)(attributes.TryGetUInt32(RTA_OIF) ?? 0),
            attributes.TryGetAddress(RTA_PREFSRC));
    }

    /// <summary>The body of RTM_NEWROUTE and RTM_DELROUTE.</summary>
    internal byte[] Encode()
    {
        Span<byte> fixedPart = stackalloc byte[12];
        fixedPart.Clear();
        fixedPart[0] = AF_INET;
        fixedPart[1] = (byte)Destination.Length;
        fixedPart[4] = RT_TABLE_MAIN;
        fixedPart[5] = RTPROT_DHCP;
        fixedPart[6] = Gateway is null ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
        fixedPart[7] = RTN_UNICAST;
        BinaryPrimitives.WriteUInt32LittleEndian(fixedPart[8..], GatewayIsOnLink ? RTNH_F_ONLINK : 0);
        NetlinkAttributes attributes = new NetlinkAttributes().WithAddress(RTA_DST, Destination.Address);
        if (Gateway is { } gateway)
        {
            attributes.WithAddress(RTA_GATEWAY, gateway);
        }

        if (Source is { } source)
        {
            attributes.WithAddress(RTA_PREFSRC, source);
        }

        return attributes.WithUInt32(RTA_OIF, (uint)Link).EncodeAfter(fixedPart);
    }

    public override string ToString() =>
        Gateway is { } gateway ? $"{Destination} via {Endpoint.TextOf(gateway)}" : $"{Destination}";
}
