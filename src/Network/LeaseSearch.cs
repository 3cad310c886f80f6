using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Network;

/// <summary>Looks for the link and the lease that lead to the platform, until the deadline.</summary>
/// <param name="other">the network of somebody else, which makes the search needless; null: that one leads nowhere</param>
internal sealed class LeaseSearch(
    Host host,
    NetworkWishes wishes,
    Rtnetlink rtnetlink,
    NetlinkSocket events,
    OtherNetwork? other,
    OwnNetwork network,
    Deadline deadline)
{
    // How long better links are waited for before one of the last resort is tried.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly Backoff s_pauseBetweenRounds = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));
    private static readonly TimeSpan s_leaseWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_lastResortLeaseWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_betterLeaseWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    // A platform that is silent on all leases is down, not elsewhere.
    private static readonly TimeSpan s_elsewhere = TimeSpan.FromSeconds(15);

    private readonly SortedDictionary<string, string> _problems = new(StringComparer.Ordinal);
    private readonly HashSet<int> _tried = [];
    private readonly HashSet<uint> _xids = [];
    private readonly HashSet<uint> _silentServers = [];
    private readonly List<(Link Link, Lease Lease)> _choices = [];
    private (Link Link, Lease Lease, Deadline LookElsewhere)? _fallback;
    private bool _minds = other is not null;   // other DHCP clients of this machine

    /// <summary>The link that leads nowhere.</summary>
    internal int Silent { get; init; }

    /// <summary>
    /// Tries the links in turn, again and again, and as soon as one changes. A lease that names the platform is used at once,
    /// another one when no link with a carrier is left to be tried.
    /// </summary>
    /// <returns>false: somebody else has made a network meanwhile</returns>
    internal bool Find()
    {
        Deadline patience = deadline.Within(s_patience);
        Deadline nextRound = deadline;
        int rounds = 0;
        while (true)
        {
            TellOfWaiting();
            if (other is { IsThere: true })
            {
                return false;
            }

            List<Link> candidates = LinkChoice.Candidates(rtnetlink.Links());
            candidates.RemoveAll(link => link.Index == Silent);
            bool takeLastResort = patience.IsOver || candidates.TrueForAll(LinkChoice.IsLastResort);
            List<Link> likely = takeLastResort ? candidates : candidates.FindAll(link => !LinkChoice.IsLastResort(link));
            likely.ForEach(SetUp);
            Link? next = likely.Find(link => link.HasCarrier && !_tried.Contains(link.Index));
            if (next is not null)
            {
                TryAcquire(next);
                nextRound = deadline.Within(s_pauseBetweenRounds.After(rounds + 1, null, TimeSpan.Zero, 0.5));
            }

            if (_choices.Count > 0 && (next is null || NamesPlatform(_choices[0].Lease)))
            {
                (Link link, Lease lease) = _choices[0];
                _choices.RemoveAt(0);
                if (TryUse(link, lease))
                {
                    return true;
                }
            }
            else if (next is null)
            {
                Deadline wake = _fallback is { LookElsewhere: var end } ? nextRound.Within(end.Remaining) : nextRound;
                wake = wake.Within(s_look);
                events.WaitForEvents(takeLastResort ? wake : wake.Within(patience.Remaining));
                if (nextRound.IsOver)
                {
                    _tried.Clear();
                    rounds++;
                    nextRound = deadline;
                }
            }

            if (_fallback is { LookElsewhere.IsOver: true } fallback)
            {
                Use(fallback.Link, fallback.Lease);
                return true;
            }

            if (deadline.IsOver)
            {
                throw new ProvisioningException(Failure.Network, Describe(candidates));
            }
        }
    }

    private Endpoint WireServerOf(Lease lease) => !wishes.IsWireServerNamed && lease.WireServer is { } address
        ? host.WireServer with { Address = address }
        : host.WireServer;

    private bool NamesPlatform(Lease lease) => lease.NamesPlatform(host.WireServer.Address);

    private bool IsNeedless(DhcpClient client)
    {
        TellOfWaiting();
        return other is { IsThere: true } || (_minds && client.HasHeardOther);
    }

    private void TellOfWaiting() => host.Log.StillWaiting("a network that leads to the platform", deadline);

    private void SetUp(Link link)
    {
        try
        {
            network.SetUp(link);
        }
        catch (IOException e)
        {
            Note(link, e.Message);
        }
    }

    /// <summary>Adds the lease that the link gives to the choices, if there is one that may lead to the platform.</summary>
    private void TryAcquire(Link link)
    {
        _tried.Add(link.Index);
        try
        {
            var client = new DhcpClient(
                PacketSocket.OnLink(link, DhcpClient.ClientPort), link, wishes.HostName, _xids, host.Time);
            network.Hold(client);
            TimeSpan most = _choices.Count > 0 ? s_betterLeaseWithin
                : LinkChoice.IsLastResort(link) ? s_lastResortLeaseWithin : s_leaseWithin;
            Lease? lease = client.Acquire(
                host.WireServer.Address, _silentServers, () => IsNeedless(client), deadline.Within(most));
            if (lease is not null)
            {
                Consider(link, lease);
            }
            else if (_minds && client.HasHeardOther && !other!.WaitOnceHeard(link))
            {
                _minds = false;
                _tried.Remove(link.Index);
            }
        }
        catch (Exception e) when ((e is IOException or InvalidDataException or TimeoutException) && !IsForGood(e))
        {
            Note(link, e.Message);
        }
    }

    private void Consider(Link link, Lease lease)
    {
        uint wireServer = WireServerOf(lease).Address;
        if (lease.TryFindRoute(wireServer) is null && lease.TryFindRoute(Lease.Imds) is null)
        {
            Note(link, $"{lease} has no route to {Endpoint.TextOf(wireServer)}");
        }
        else
        {
            _choices.Insert(NamesPlatform(lease) ? 0 : _choices.Count, (link, lease));
        }
    }

    private bool TryUse(Link link, Lease lease)
    {
        Endpoint platform = WireServerOf(lease);
        try
        {
            Use(link, lease);
            bool leadsToWireServer = lease.TryFindRoute(platform.Address) is not null;
            uint destination = leadsToWireServer ? platform.Address : Lease.Imds;
            if (rtnetlink.TryFindRoute(destination)?.Link != link.Index)
            {
                Note(link, $"{lease}: the kernel takes no route to {Endpoint.TextOf(destination)} over this link");
            }
            else if (!leadsToWireServer || NetworkSetup.Answers(platform, deadline))
            {
                host.Log.Info($"{link.Name}: {lease}, {lease.Routes.Count} routes");
                return true;
            }
            else
            {
                Note(link, $"{lease}: {platform} does not answer");
                _silentServers.Add(lease.Server);
                if (other is not null)   // else the network that is there is as good
                {
                    _fallback ??= (link, lease, deadline.Within(s_elsewhere));
                }
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Note(link, e.Message);
        }

        network.Leave();
        return false;
    }

    private void Use(Link link, Lease lease) =>
        network.Use(link, lease, [WireServerOf(lease).Address, Lease.Imds], isForThemOnly: other is null);

    private void Note(Link link, string problem)
    {
        _problems[link.Name] = problem;
        host.Log.Debug($"{link.Name}: {problem}");
    }

    /// <summary>A kernel without CONFIG_PACKET: no other link and no later try is better.</summary>
    private static bool IsForGood(Exception e) => e is SyscallException { Errno: Errno.EAFNOSUPPORT };

    private string Describe(List<Link> candidates)
    {
        if (candidates.Count == 0)
        {
            return "no network interface";
        }

        var text = new StringBuilder();
        foreach (Link link in candidates)
        {
            text.Append(text.Length == 0 ? "no network: " : "; ").Append(link.Name).Append(": ")
                .Append(_problems.GetValueOrDefault(link.Name) ?? "no link (carrier)");
        }

        return text.ToString();
    }
}
