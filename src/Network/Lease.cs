using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>What a DHCP server gave, as far as the way to the platform needs it.</summary>
/// <param name="Server">the server's identifier</param>
/// <param name="WireServer">option 245</param>
internal sealed record Lease(
    uint Address, int PrefixLength, uint Server, IReadOnlyList<LeaseRoute> Routes, uint? Mtu, uint? WireServer)
{
    private const ushort LeastMtu = 576;   // what every host must take (RFC 791); less is a mistake of the server

    internal Ipv4Prefix Subnet => Ipv4Prefix.Around(Address, PrefixLength);

    /// <summary>Reads an offer or an acknowledgement; one without a usable address or with broken routes is malformed.</summary>
    internal static Lease From(DhcpMessage message)
    {
        uint address = message.YourAddress;
        if (!IsUnicast(address))
        {
            throw new InvalidDataException($"a lease of address '{Endpoint.TextOf(address)}'");
        }

        // Without a mask nothing but the gateways is taken to be on the link.
        int prefixLength = message.TryGetAddress(DhcpOption.SubnetMask) is { } mask ? Ipv4Prefix.LengthOf(mask) : 32;
        return new Lease(
            address,
            prefixLength,
            message.TryGetAddress(DhcpOption.ServerIdentifier) ?? throw new InvalidDataException("a lease of no server (option 54)"),
            RoutesOf(message),
            message.TryGet(DhcpOption.Mtu) is { Length: 2 } value && BinaryPrimitives.ReadUInt16BigEndian(value) is var mtu
                && mtu >= LeastMtu ? mtu : null,
            message.TryGet(DhcpOption.WireServer) is { Length: 4 } server ? BinaryPrimitives.ReadUInt32BigEndian(server) : null);
    }

    /// <summary>Whether packets to this address can be sent when the lease is in use.</summary>
    internal bool LeadsTo(uint destination)
    {
        foreach (LeaseRoute route in Routes)
        {
            if (route.Destination.Contains(destination))
            {
                return true;
            }
        }

        return Subnet.Contains(destination);
    }

    // Option 121, if there, replaces option 3 (RFC 3442); 249 is the same from before the RFC.
    private static List<LeaseRoute> RoutesOf(DhcpMessage message)
    {
        byte[]? classless = message.TryGet(DhcpOption.ClasslessRoutes)
            ?? message.TryGet(DhcpOption.MicrosoftClasslessRoutes);
        if (classless is not null)
        {
            return ParseClassless(classless);
        }

        // The first router is the server's choice (RFC 2132 3.5).
        return message.TryGet(DhcpOption.Router) is { Length: >= 4 } routers
            && BinaryPrimitives.ReadUInt32BigEndian(routers) is var gateway and not 0
                ? [new LeaseRoute(new Ipv4Prefix(0, 0), gateway)]
                : [];
    }

    /// <summary>RFC 3442: prefix length, as many bytes of the destination as it needs, the gateway (0: on the link).</summary>
    private static List<LeaseRoute> ParseClassless(byte[] value)
    {
        var routes = new List<LeaseRoute>();
        var reader = new ByteReader(value, "classless routes");
        Span<byte> destination = stackalloc byte[4];
        while (reader.Remaining > 0)
        {
            byte length = reader.Byte();
            if (length > 32)
            {
                throw new InvalidDataException($"a classless route of prefix length {length}");
            }

            destination.Clear();
            reader.Bytes((length + 7) / 8).CopyTo(destination);
            uint gateway = reader.UInt32BigEndian();
            var prefix = Ipv4Prefix.Around(BinaryPrimitives.ReadUInt32BigEndian(destination), length);
            routes.Add(new LeaseRoute(prefix, gateway == 0 ? null : gateway));
        }

        return routes;
    }

    // Not 0.0.0.0/8, not loopback, not multicast or reserved: the kernel would take some of these.
    private static bool IsUnicast(uint address) => (address >> 24) is > 0 and < 224 and not 127;
}

/// <summary>A route of a lease.</summary>
/// <param name="Gateway">null: the destination is on the link itself</param>
internal sealed record LeaseRoute(Ipv4Prefix Destination, uint? Gateway);
