using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>What a DHCP server gave, as far as the way to the platform needs it.</summary>
/// <param name="Server">the server's identifier</param>
/// <param name="WireServer">option 245; null also when it is an address that no server can have</param>
/// <param name="Seconds">how long it lasts; null where the server did not say</param>
internal sealed record Lease(
    uint Address, int PrefixLength, uint Server, IReadOnlyList<LeaseRoute> Routes, uint? Mtu, uint? WireServer, uint? Seconds)
{
    /// <summary>The platform's instance metadata service, 169.254.169.254.</summary>
    internal const uint Imds = 0xA9FEA9FE;

    private const ushort LeastMtu = 576;   // what every host must take (RFC 791); less is a mistake of the server

    internal Ipv4Prefix Subnet => Ipv4Prefix.Around(Address, PrefixLength);

    public override string ToString() =>
        $"lease of {Endpoint.TextOf(Address)}/{PrefixLength} from {Endpoint.TextOf(Server)}";

    /// <summary>Reads an offer or an acknowledgement; one without a usable address is malformed.</summary>
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
            message.TryGet(DhcpOption.WireServer) is { Length: 4 } server
                && BinaryPrimitives.ReadUInt32BigEndian(server) is var wireServer && IsUnicast(wireServer) ? wireServer : null,
            message.TryGet(DhcpOption.LeaseTime) is { Length: 4 } time
                && BinaryPrimitives.ReadUInt32BigEndian(time) is var seconds and not 0 ? seconds : null);
    }

    /// <summary>
    /// Whether the server knows the platform: it names it, or a way to it alone. Any network has a default route.
    /// </summary>
    internal bool NamesPlatform(uint wireServer)
    {
        foreach (LeaseRoute route in Routes)
        {
            if (route.Destination.Length == 32 && (route.Destination.Address == wireServer || route.Destination.Address == Imds))
            {
                return true;
            }
        }

        return WireServer is not null;
    }

    /// <summary>The way that packets to this address take when the lease is in use; null when there is none.</summary>
    internal LeaseRoute? TryFindRoute(uint destination)
    {
        LeaseRoute? best = Subnet.Contains(destination) ? new LeaseRoute(Subnet, null) : null;
        foreach (LeaseRoute route in Routes)
        {
            if (route.Destination.Contains(destination) && !(route.Destination.Length <= best?.Destination.Length))
            {
                best = route;
            }
        }

        return best;
    }

    // Option 121, if there, replaces option 3 (RFC 3442); 249 is the same from before the RFC. One that is empty or broken from
    // the beginning counts as not sent.
    private static List<LeaseRoute> RoutesOf(DhcpMessage message)
    {
        foreach (byte code in (ReadOnlySpan<byte>)[DhcpOption.ClasslessRoutes, DhcpOption.MicrosoftClasslessRoutes])
        {
            if (ParseClassless(message.TryGet(code)) is { Count: > 0 } routes)
            {
                return routes;
            }
        }

        // The first router is the server's choice (RFC 2132 3.5).
        return message.TryGet(DhcpOption.Router) is { Length: >= 4 } routers
            && BinaryPrimitives.ReadUInt32BigEndian(routers) is var gateway and not 0
                ? [new LeaseRoute(new Ipv4Prefix(0, 0), gateway)]
                : [];
    }

    /// <summary>
    /// RFC 3442: prefix length, as many bytes of the destination as it needs, the gateway (0: on the link). Behind a broken
    /// one nothing can be read.
    /// </summary>
    private static List<LeaseRoute> ParseClassless(ReadOnlySpan<byte> value)
    {
        var routes = new List<LeaseRoute>();
        Span<byte> destination = stackalloc byte[4];
        while (value is [<= 32 and var length, ..] && (length + 7) / 8 is var count && value.Length >= 1 + count + 4)
        {
            destination.Clear();
            value.Slice(1, count).CopyTo(destination);
            uint gateway = BinaryPrimitives.ReadUInt32BigEndian(value[(1 + count)..]);
            var prefix = Ipv4Prefix.Around(BinaryPrimitives.ReadUInt32BigEndian(destination), length);
            routes.Add(new LeaseRoute(prefix, gateway == 0 ? null : gateway));
            value = value[(1 + count + 4)..];
        }

        return routes;
    }

    // Not 0.0.0.0/8, not loopback, not multicast or reserved: the kernel would take some of these.
    private static bool IsUnicast(uint address) => (address >> 24) is > 0 and < 224 and not 127;
}

/// <summary>A route of a lease.</summary>
/// <param name="Gateway">null: the destination is on the link itself</param>
internal sealed record LeaseRoute(Ipv4Prefix Destination, uint? Gateway);
