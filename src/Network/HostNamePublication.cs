using System;
using System.IO;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Network;

/// <summary>
/// Tells the platform's DNS a new name while the machine's own DHCP client keeps the lease: one more DHCPREQUEST for the same
/// address with option 12. Link, address and routes are not touched, the client's lease is not shortened.
/// </summary>
internal static class HostNamePublication
{
    private static readonly TimeSpan s_answerWithin = TimeSpan.FromSeconds(1);

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
        // Not a packet socket: closing one would cost more time than the rest.
        using var client = new DhcpClient(PacketSocket.OverIp(link, DhcpClient.ClientPort), link, hostName, [], host.Time);
        string? problem = null;
        foreach (byte[]? identifier in ClientIdentifier.Candidates(host.Kernel, link))
        {
            problem = client.Renew(address, identifier, deadline.Within(s_answerWithin));
            if (problem is null)
            {
                return null;
            }
        }

        return $"{link.Name}: {problem}";
    }
}
