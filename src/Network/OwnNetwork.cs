using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>
/// The network that this program made for itself. Disposing of it puts links, addresses and routes back to what they were;
/// until then a signal that asks to end is held back (<see cref="Libc.HoldTermination"/>), so that this is not skipped.
/// </summary>
internal sealed class OwnNetwork : IDisposable
{
    private readonly Rtnetlink _rtnetlink;
    private readonly Log _log;
    private readonly List<(int Link, Action Undo)> _undo = [];
    private readonly HashSet<int> _setUp = [];
    private Link? _used;

    internal OwnNetwork(Rtnetlink rtnetlink, Log log)
    {
        _rtnetlink = rtnetlink;
        _log = log;
        Libc.HoldTermination();
    }

    /// <summary>What the network was made from, once it is.</summary>
    internal Lease? Lease { get; private set; }

    /// <summary>Sets the link up, once: one that somebody set down again since then is left so.</summary>
    internal void SetUp(Link link)
    {
        if (!link.IsUp && _setUp.Add(link.Index))
        {
            _rtnetlink.SetUp(link, up: true);
            _undo.Add((link.Index, () => _rtnetlink.SetUp(link, up: false)));
        }
    }

    internal void Use(Link link, Lease lease)
    {
        _used = link;
        if (lease.Mtu is { } mtu && mtu != link.Mtu)
        {
            SetMtu(link, mtu);
        }

        var address = new InterfaceAddress(link.Index, lease.Address, lease.PrefixLength);
        if (_rtnetlink.Add(address))
        {
            _undo.Add((link.Index, () => _rtnetlink.Delete(address)));
        }

        foreach (LeaseRoute route in lease.Routes)
        {
            AddRoute(link, lease, route);
        }

        Lease = lease;
    }

    /// <summary>Leaves the network that is in use in place; links that were only tried still go back.</summary>
    internal void Keep() => _undo.RemoveAll(change => change.Link == _used?.Index);

    public void Dispose()
    {
        if (Libc.IsTerminationPending())
        {
            _log.Warning("asked to end by a signal");
        }

        for (int i = _undo.Count - 1; i >= 0; i--)
        {
            try
            {
                _undo[i].Undo();
            }
            catch (IOException e)
            {
                _log.Warning($"put the network back: {e.Message}, ignoring");
            }
        }

        _rtnetlink.Dispose();
        Libc.AllowTermination();
    }

    private void AddRoute(Link link, Lease lease, LeaseRoute route)
    {
        var made = new Route(
            route.Destination,
            route.Gateway,
            link.Index,
            lease.Address,
            GatewayIsOnLink: route.Gateway is { } gateway && !lease.Subnet.Contains(gateway));
        if (_rtnetlink.Add(made))
        {
            _undo.Add((link.Index, () => _rtnetlink.Delete(made)));
        }
    }

    // The server's wish, not a need: a NIC that cannot is no reason to fail.
    private void SetMtu(Link link, uint mtu)
    {
        try
        {
            _rtnetlink.SetMtu(link, mtu);
            _undo.Add((link.Index, () => _rtnetlink.SetMtu(link, link.Mtu)));
        }
        catch (SyscallException e)
        {
            _log.Warning($"{e.Message}, ignoring");
        }
    }
}
