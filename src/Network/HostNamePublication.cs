using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Io;
using Azprovision.Spec;

namespace Azprovision.Network;

/// <summary>
/// Tells the platform's DNS a new name while the machine's own DHCP client keeps the lease: one more DHCPREQUEST for the same
/// address with option 12. Link, address and routes are not touched, the client's lease is not shortened.
/// </summary>
internal static class HostNamePublication
{
    private static readonly TimeSpan s_answerWithin = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Null when a DHCP server has taken the name, else the reason why not: a machine without DHCP has nobody to tell.
    /// </summary>
    internal static string? TryPublish(Host host, HostName hostName, Deadline deadline)
    {
        try
        {
            using var rtnetlink = new Rtnetlink();
            if (rtnetlink.TryFindRoute(host.WireServer.Address) is not { Source: { } address } route)
            {
                return $"no route to {host.WireServer}";
            }

            foreach (Link link in rtnetlink.Links())
            {
                if (link.Index == route.Link && link.IsEthernet)
                {
                    return Renew(host, hostName, link, address, deadline);
                }
            }

            return $"the route to {host.WireServer} does not lead over Ethernet";
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return e.Message;
        }
    }

    private static string? Renew(Host host, HostName hostName, Link link, uint address, Deadline deadline)
    {
        using var client = new DhcpClient(link, hostName, host.Time);
        string? problem = null;
        foreach (byte[]? identifier in Identifiers(host.Kernel, link))
        {
            problem = client.Renew(address, identifier, deadline.Within(s_answerWithin));
            if (problem is null)
            {
                return null;
            }
        }

        return $"{link.Name}: {problem}";
    }

    /// <summary>
    /// Option 61 as the machine's own client may send it; a server that goes by it refuses others. systemd-networkd writes it
    /// down, most send none, and BusyBox sends the hardware address.
    /// </summary>
    private static IEnumerable<byte[]?> Identifiers(SystemRoot kernel, Link link)
    {
        if (kernel.TryRead($"/run/systemd/netif/leases/{link.Index}") is { } lease
            && Networkd(Encoding.Latin1.GetString(lease)) is { } identifier)
        {
            yield return identifier;
        }

        yield return null;
        yield return [1, .. link.HardwareAddress];
    }

    private static byte[]? Networkd(string lease)
    {
        const string Name = "CLIENTID=";
        foreach (string line in lease.Split('\n'))
        {
            if (line.StartsWith(Name, StringComparison.Ordinal))
            {
                try
                {
                    return Convert.FromHexString(line.AsSpan(Name.Length).Trim());
                }
                catch (FormatException)
                {
                    return null;
                }
            }
        }

        return null;
    }
}
