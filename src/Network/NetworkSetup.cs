using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Network;

/// <summary>Makes a way to the platform where there is none: link, lease, address, routes.</summary>
internal static class NetworkSetup
{
    private const uint Imds = 0xA9FEA9FE;   // 169.254.169.254

    // How long better links are waited for before one of the last resort is tried.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly Backoff s_pauseBetweenRounds = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));
    private static readonly TimeSpan s_leaseWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_lastResortLeaseWithin = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Null when a route to the wire server is there already, and nothing is touched then. Else a network of our own, which
    /// goes when it is disposed of; what was missing until the deadline is told by the exception.
    /// </summary>
    /// <param name="hostName">the name that DHCP servers are told, if it is known</param>
    internal static OwnNetwork? Ensure(Host host, HostName? hostName, Deadline deadline)
    {
        var rtnetlink = new Rtnetlink();
        OwnNetwork? network = null;
        bool isDone = false;
        try
        {
            if (rtnetlink.TryFindRoute(host.WireServer.Address) is null)
            {
                network = new OwnNetwork(rtnetlink, host.Log);
                Find(host, hostName, rtnetlink, network, deadline);
                isDone = true;
            }

            return network;
        }
        finally
        {
            if (network is null)
            {
                rtnetlink.Dispose();
            }
            else if (!isDone)
            {
                network.Dispose();
            }
        }
    }

    /// <summary>Tries the links in turn, again and again, and as soon as one changes, until a lease leads to the platform.</summary>
    private static void Find(Host host, HostName? hostName, Rtnetlink rtnetlink, OwnNetwork network, Deadline deadline)
    {
        // Open before the first look, so that no change is missed between look and wait.
        using NetlinkSocket events = NetlinkSocket.ForLinkEvents();
        Deadline patience = deadline.Within(s_patience);
        var problems = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var tried = new HashSet<int>();
        int rounds = 0;
        Deadline nextRound = deadline;
        while (true)
        {
            List<Link> candidates = LinkChoice.Candidates(rtnetlink.Links());
            bool takeLastResort = patience.IsOver || candidates.TrueForAll(LinkChoice.IsLastResort);
            Link? next = null;
            foreach (Link link in candidates)
            {
                if (takeLastResort || !LinkChoice.IsLastResort(link))
                {
                    network.SetUp(link);
                    next ??= link.HasCarrier && !tried.Contains(link.Index) ? link : null;
                }
            }

            if (next is not null)
            {
                tried.Add(next.Index);
                if (TryUse(host, hostName, next, network, problems, deadline))
                {
                    return;
                }

                nextRound = deadline.Within(s_pauseBetweenRounds.After(rounds + 1, null, TimeSpan.Zero, 0.5));
            }
            else
            {
                // An event or not, the links are looked at again.
                _ = events.WaitForEvents(takeLastResort ? nextRound : nextRound.Within(patience.Remaining));
                if (nextRound.IsOver)
                {
                    tried.Clear();
                    rounds++;
                    nextRound = deadline;
                }
            }

            if (deadline.IsOver)
            {
                throw new ProvisioningException(Failure.Network, Describe(candidates, problems));
            }
        }
    }

    private static bool TryUse(
        Host host,
        HostName? hostName,
        Link link,
        OwnNetwork network,
        SortedDictionary<string, string> problems,
        Deadline deadline)
    {
        try
        {
            using var client = new DhcpClient(link, hostName, host.Time);
            Lease lease = client.Acquire(
                deadline.Within(LinkChoice.IsLastResort(link) ? s_lastResortLeaseWithin : s_leaseWithin));
            string text = $"lease of {Endpoint.TextOf(lease.Address)}/{lease.PrefixLength} from {Endpoint.TextOf(lease.Server)}";
            uint wireServer = lease.WireServer ?? host.WireServer.Address;
            if (!lease.LeadsTo(wireServer) && !lease.LeadsTo(Imds))
            {
                problems[link.Name] = $"{text} has no route to {Endpoint.TextOf(wireServer)}";
                return false;
            }

            network.Use(link, lease);
            host.Log.Info($"{link.Name}: {text}, {lease.Routes.Count} routes");
            return true;
        }
        catch (Exception e) when ((e is IOException or InvalidDataException or TimeoutException) && !IsForGood(e))
        {
            problems[link.Name] = e.Message;
            host.Log.Debug($"{link.Name}: {e.Message}");
            return false;
        }
    }

    /// <summary>A kernel without CONFIG_PACKET: no other link and no later try is better.</summary>
    private static bool IsForGood(Exception e) => e is SyscallException { Errno: Errno.EAFNOSUPPORT };

    private static string Describe(List<Link> candidates, SortedDictionary<string, string> problems)
    {
        if (candidates.Count == 0)
        {
            return "no network interface";
        }

        var text = new StringBuilder();
        foreach (Link link in candidates)
        {
            text.Append(text.Length == 0 ? "no network: " : "; ").Append(link.Name).Append(": ")
                .Append(problems.GetValueOrDefault(link.Name) ?? "no link (carrier)");
        }

        return text.ToString();
    }
}
