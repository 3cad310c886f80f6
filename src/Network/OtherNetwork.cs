using System;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>The network that somebody else on this machine makes: it is waited for, as long as there is hope.</summary>
internal sealed class OtherNetwork(Host host, Rtnetlink rtnetlink, NetlinkSocket events, Deadline deadline)
{
    // What a DHCP client may need, with links that come up slowly; at most half of the time there is.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_patienceOnceHeard = TimeSpan.FromSeconds(10);

    // That a link is up may mean that somebody is at work, or that somebody was.
    private static readonly TimeSpan s_patienceWithLink = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(0.5);

    internal bool IsThere => rtnetlink.TryFindRoute(host.WireServer.Address) is not null;

    /// <summary>Waits while somebody is at work on a network; whether it is there then.</summary>
    internal bool WaitWhileInMaking()
    {
        Deadline withLink = deadline.Within(s_patienceWithLink);
        return Wait(s_patience, () =>
        {
            var links = LinkChoice.Candidates(rtnetlink.Links());
            return OtherClients.TryFind(host.Kernel, links)
                ?? (withLink.IsOver ? null : links.Find(link => link.IsUp) is { } up ? $"whoever has set {up.Name} up" : null);
        });
    }

    /// <summary>Waits for the network of somebody who is known from answers that a DHCP server gave.</summary>
    internal bool WaitOnceHeard(Link link) => Wait(s_patienceOnceHeard, () => $"another DHCP client on {link.Name}");

    private bool Wait(TimeSpan most, Func<string?> whoIsAtWork)
    {
        TimeSpan half = deadline.Remaining / 2;
        Deadline patience = deadline.Within(half < most ? half : most);
        string? told = null;
        while (!IsThere)
        {
            string? who = whoIsAtWork();
            if (who is null || patience.IsOver)
            {
                if (told is not null)
                {
                    host.Log.Info($"{told} has made no way to {host.WireServer}");
                }

                return false;
            }

            if (who != told)
            {
                host.Log.Info($"waiting for the network of {who}");
                told = who;
            }

            host.Log.StillWaiting($"the network of {who}", patience);
            events.WaitForEvents(patience.Within(s_look));
        }

        return true;
    }
}
