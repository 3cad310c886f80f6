using System;
using System.Buffers.Binary;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>An IPv4 route of the main table (rtnetlink(7), RTM_NEWROUTE).</summary>
/// <param name="Gateway">null: the destination is on the link itself</param>
/// <param name="Source">the address of this machine that packets get</param>
internal sealed record Route(Ipv4Prefix Destination, uint? Gateway, int Link, uint? Source)
{
    /// <summary>Who made a route: this program, as long as it runs. The number is that of DHCP option 245.</summary>
    internal const byte RTPROT_AZPROVISION = 245;

    internal const byte RTPROT_DHCP = 16;

    /// <summary>Behind all that others give theirs: a route of theirs to the same place can be added, and wins.</summary>
    internal const uint LastMetric = 30245;

    private const byte AF_INET = 2;
    private const byte RT_TABLE_MAIN = 254;
    private const byte RT_SCOPE_UNIVERSE = 0;
    private const byte RT_SCOPE_LINK = 253;
    private const byte RTN_UNICAST = 1;
    private const uint RTNH_F_ONLINK = 4;
    private const ushort RTA_DST = 1;
    private const ushort RTA_OIF = 4;
    private const ushort RTA_GATEWAY = 5;
    private const ushort RTA_PRIORITY = 6;
    private const ushort RTA_PREFSRC = 7;
    private const ushort RTA_METRICS = 8;
    private const ushort RTAX_MTU = 2;

    /// <summary>The gateway is on the link although no other route says so.</summary>
    internal bool GatewayIsOnLink { get; init; }

    internal byte Protocol { get; init; } = RTPROT_AZPROVISION;

    internal uint Metric { get; init; }

    /// <summary>The longest packets on this route, where they are not the link's.</summary>
    internal uint? Mtu { get; init; }

    /// <summary>The body of a request for the route that packets to an address would take.</summary>
    internal static byte[] Query(uint destination)
    {
        Span<byte> fixedPart = stackalloc byte[12];
        fixedPart.Clear();
        fixedPart[0] = AF_INET;
        fixedPart[1] = 32;
        return new NetlinkAttributes().WithAddress(RTA_DST, destination).EncodeAfter(fixedPart);
    }

    /// <summary>The body of a request for all routes; kernels since 4.20 leave out those of other protocols.</summary>
    internal static byte[] QueryAll(byte protocol)
    {
        byte[] fixedPart = new byte[12];
        fixedPart[0] = AF_INET;
        fixedPart[5] = protocol;
        return fixedPart;
    }

    /// <summary>Reads the body of RTM_NEWROUTE: struct rtmsg, then attributes.</summary>
    internal static Route Parse(ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(body, "netlink route");
        reader.Skip(1);
        int length = Math.Min((int)reader.Byte(), 32);
        reader.Skip(3);
        byte protocol = reader.Byte();
        reader.Skip(6);
        NetlinkAttributes attributes = NetlinkAttributes.Parse(reader.Bytes(reader.Remaining));
        return new Route(
            Ipv4Prefix.Around(attributes.TryGetAddress(RTA_DST) ?? 0, length),
            attributes.TryGetAddress(RTA_GATEWAY),
            (int)(attributes.TryGetUInt32(RTA_OIF) ?? 0),
            attributes.TryGetAddress(RTA_PREFSRC))
        {
            Protocol = protocol,
            Metric = attributes.TryGetUInt32(RTA_PRIORITY) ?? 0,
        };
    }

    /// <summary>The body of RTM_NEWROUTE and RTM_DELROUTE.</summary>
    internal byte[] Encode()
    {
        Span<byte> fixedPart = stackalloc byte[12];
        fixedPart.Clear();
        fixedPart[0] = AF_INET;
        fixedPart[1] = (byte)Destination.Length;
        fixedPart[4] = RT_TABLE_MAIN;
        fixedPart[5] = Protocol;
        fixedPart[6] = Gateway is null ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
        fixedPart[7] = RTN_UNICAST;
        BinaryPrimitives.WriteUInt32LittleEndian(fixedPart[8..], GatewayIsOnLink ? RTNH_F_ONLINK : 0);
        NetlinkAttributes attributes = new NetlinkAttributes()
            .WithAddress(RTA_DST, Destination.Address)
            .WithUInt32(RTA_PRIORITY, Metric);
        if (Gateway is { } gateway)
        {
            attributes.WithAddress(RTA_GATEWAY, gateway);
        }

        if (Source is { } source)
        {
            attributes.WithAddress(RTA_PREFSRC, source);
        }

        if (Mtu is { } mtu)
        {
            attributes.With(RTA_METRICS, new NetlinkAttributes().WithUInt32(RTAX_MTU, mtu).EncodeAfter([]));
        }

        return attributes.WithUInt32(RTA_OIF, (uint)Link).EncodeAfter(fixedPart);
    }

    public override string ToString() =>
        Gateway is { } gateway ? $"{Destination} via {Endpoint.TextOf(gateway)}" : $"{Destination}";
}
