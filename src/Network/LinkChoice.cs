using System;
using System.Collections.Generic;

namespace Azprovision.Network;

/// <summary>Which network interfaces may lead to the platform, the likeliest first.</summary>
internal static class LinkChoice
{
    private const string Synthetic = "hv_netvsc";

    /// <summary>
    /// The Ethernet links that belong to no other link. With accelerated networking a virtual function has the MAC of an
    /// hv_netvsc link and becomes its slave, at some time: it is left out from the beginning.
    /// </summary>
    internal static List<Link> Candidates(IReadOnlyList<Link> links)
    {
        var candidates = new List<Link>();
        foreach (Link link in links)
        {
            if (link.IsEthernet && !link.IsSlave && !IsTwin(link, links))
            {
                candidates.Add(link);
            }
        }

        candidates.Sort((a, b) => RankOf(a).CompareTo(RankOf(b)));
        return candidates;
    }

    /// <summary>The candidates without one link; none if that is no candidate itself, as a tunnel or the loopback.</summary>
    internal static List<Link> Others(IReadOnlyList<Link> links, int index)
    {
        List<Link> candidates = Candidates(links);
        return candidates.RemoveAll(link => link.Index == index) > 0 ? candidates : [];
    }

    /// <summary>
    /// Whether something better is worth a wait: a link that software made (bridge, bond, veth, dummy), or a virtual function
    /// that came before its hv_netvsc link.
    /// </summary>
    internal static bool IsLastResort(Link link) =>
        link.Kind is not null || link.Driver is "mlx4_en" or "mlx4_core" or "mlx5_core" or "mana";

    private static (bool, bool, bool, int) RankOf(Link link) =>
        (IsLastResort(link), !link.HasCarrier, link.Driver != Synthetic, link.Index);

    private static bool IsTwin(Link link, IReadOnlyList<Link> links)
    {
        foreach (Link other in links)
        {
            if (other.Driver == Synthetic && link.Driver != Synthetic
                && other.HardwareAddress.AsSpan().SequenceEqual(link.HardwareAddress))
            {
                return true;
            }
        }

        return false;
    }
}
