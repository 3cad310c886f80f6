using System;
using System.IO;
using Azprovision.Http;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Network;

/// <summary>
/// Sees to a way to the platform: the network that is there, one that somebody else on this machine is making, and only then
/// one of its own.
/// </summary>
internal static class NetworkSetup
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan s_elsewhere = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Null when there is a network that leads to the wire server, and nothing is touched then. Else one of our own, which
    /// goes when it is disposed of; what was missing until the deadline is told by the exception.
    /// </summary>
    internal static OwnNetwork? Ensure(Host host, NetworkWishes wishes, Deadline deadline)
    {
        using var rtnetlink = new Rtnetlink();
        OwnNetwork.RemoveLeftovers(rtnetlink);
        if (rtnetlink.TryFindRoute(host.WireServer.Address) is { } route)
        {
            return LinkChoice.Others(rtnetlink.Links(), route.Link).Count == 0 || Answers(host.WireServer, deadline)
                ? null
                : TryElsewhere(host, wishes, rtnetlink, route.Link, deadline);
        }

        using NetlinkSocket events = NetlinkSocket.ForEvents();
        var other = new OtherNetwork(host, rtnetlink, events, deadline);
        return other.WaitWhileInMaking()
            ? null
            : Make(host, wishes, network => new LeaseSearch(host, wishes, rtnetlink, events, other, network, deadline).Find());
    }

    /// <summary>Whether the platform takes a connection within seconds, which any network should give it.</summary>
    internal static bool Answers(Endpoint platform, Deadline deadline)
    {
        Deadline silence = deadline.Within(s_silence);
        while (true)
        {
            try
            {
                using var socket = new TcpSocket(platform);
                socket.Connect(silence);
                return true;
            }
            catch (Exception e) when (e is IOException or TimeoutException)
            {
                if (silence.IsOver)
                {
                    return false;
                }

                Retry.Pause(s_again, silence);
            }
        }
    }

    /// <summary>The system's network does not lead to the platform: another link may, without changing anything else.</summary>
    private static OwnNetwork? TryElsewhere(Host host, NetworkWishes wishes, Rtnetlink rtnetlink, int silent, Deadline deadline)
    {
        host.Log.Info($"{host.WireServer} does not answer over the network that is there, looking for another way");
        Deadline soon = deadline.Within(s_elsewhere);
        try
        {
            using NetlinkSocket events = NetlinkSocket.ForEvents();
            OwnNetwork? network = Make(
                host,
                wishes,
                network => new LeaseSearch(host, wishes, rtnetlink, events, null, network, soon) { Silent = silent }.Find());
            host.Log.Warning("the network that is there does not lead to the platform; another one does, for it alone");
            return network;
        }
        catch (ProvisioningException e)
        {
            host.Log.Info($"there is none: {e.Message}");
            return null;
        }
    }

    private static OwnNetwork? Make(Host host, NetworkWishes wishes, Func<OwnNetwork, bool> find)
    {
        var network = new OwnNetwork(host, wishes.IsKept);
        bool isFound = false;
        try
        {
            isFound = find(network);
            return isFound ? network : null;
        }
        finally
        {
            if (!isFound)
            {
                network.Dispose();
            }
        }
    }
}

/// <summary>What a network should be like.</summary>
/// <param name="HostName">the name that DHCP servers are told, if it is known</param>
/// <param name="IsKept">it is to stay when the run is over</param>
/// <param name="IsWireServerNamed">somebody said where the wire server is: no DHCP server knows better</param>
internal sealed record NetworkWishes(HostName? HostName, bool IsKept = false, bool IsWireServerNamed = false);
