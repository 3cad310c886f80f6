using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>
/// The network that this program made for itself, so that it meets no other: its address is a block of one on the
/// loopback interface, where the kernel answers for it on every link, and the link looks unused (NetworkManager leaves
/// one with an address to whoever gave it); its routes bear a protocol number of their own and come behind all others.
/// Disposing of it removes what is still exactly so; until then a signal that asks to end is held back
/// (<see cref="Libc.HoldTermination"/>), so that this is not skipped.
/// </summary>
internal sealed class OwnNetwork : IDisposable
{
    // A failed run has a minute to report (and has had all its time).
    private static readonly TimeSpan s_afterRun = TimeSpan.FromMinutes(2);

    private readonly Host _host;
    private readonly Rtnetlink _rtnetlink = new();
    private readonly bool _isKept;
    private readonly List<Link> _setUp = [];
    private readonly List<Route> _routes = [];
    private InterfaceAddress? _address;
    private DhcpClient? _client;
    private Link? _used;

    /// <param name="isKept">it is made for others too, and to stay</param>
    internal OwnNetwork(Host host, bool isKept)
    {
        _host = host;
        _isKept = isKept;
        Libc.HoldTermination();
    }

    /// <summary>What the network was made from, once it is.</summary>
    internal Lease? Lease { get; private set; }

    /// <summary>Sets the link up, once: one that somebody set down again since then is left so.</summary>
    internal void SetUp(Link link)
    {
        if (!link.IsUp && !_setUp.Exists(other => other.Index == link.Index))
        {
            _rtnetlink.SetUp(link, up: true);
            _setUp.Add(link);
        }
    }

    /// <summary>Puts a lease to use, instead of one that is.</summary>
    /// <param name="destinations">what it is for: these get routes of their own</param>
    /// <param name="isForThemOnly">there is another network for the rest</param>
    internal void Use(Link link, Lease lease, ReadOnlySpan<uint> destinations, bool isForThemOnly)
    {
        Leave();
        AddAddress(link, lease);
        foreach (uint destination in destinations)
        {
            if (lease.TryFindRoute(destination) is { } way)
            {
                Add(link, lease, way with { Destination = new Ipv4Prefix(destination, 32) });
            }
        }

        if (!isForThemOnly)
        {
            if (!_isKept && lease.PrefixLength < 32)
            {
                Add(link, lease, new LeaseRoute(lease.Subnet, null));
            }

            foreach (LeaseRoute route in lease.Routes)
            {
                Add(link, lease, route);
            }
        }

        _used = link;
        Lease = lease;
    }

    /// <summary>Removes address and routes.</summary>
    internal void Leave()
    {
        foreach (Route route in _routes)
        {
            _rtnetlink.Delete(route);
        }

        _routes.Clear();
        if (_address is not null && Contains(_rtnetlink.Addresses(), _address))
        {
            _rtnetlink.Delete(_address);
        }

        _address = null;
        _used = null;
        Lease = null;
    }

    /// <summary>Whether it is still what leads there, or another network is: a link may go, a lease may end.</summary>
    internal bool LeadsTo(uint destination) => _rtnetlink.TryFindRoute(destination) is not null;

    /// <summary>Closes it at the end, when nobody waits: see <see cref="PacketSocket.OnLink"/>.</summary>
    internal void Hold(DhcpClient client)
    {
        _client?.Dispose();
        _client = client;
    }

    public void Dispose()
    {
        if (Libc.IsTerminationPending())
        {
            _host.Log.Warning("asked to end by a signal");
        }

        int? kept = _isKept ? _used?.Index : null;
        if (kept is null)
        {
            Try(Leave);
        }

        foreach (Link link in _setUp)
        {
            if (link.Index != kept)
            {
                Try(() => SetDown(link));
            }
        }

        _client?.Dispose();
        _rtnetlink.Dispose();
        Libc.AllowTermination();
    }

    /// <summary>Removes what a run left that was killed: while it lasts it would be taken for the system's.</summary>
    internal static void RemoveLeftovers(Rtnetlink rtnetlink)
    {
        IReadOnlyList<Route> routes = rtnetlink.OwnRoutes();
        foreach (InterfaceAddress address in rtnetlink.Addresses())
        {
            bool isSource = false;
            foreach (Route route in routes)
            {
                isSource |= address.Link == InterfaceAddress.Loopback && address.Address == route.Source
                    && address.PrefixLength == 32;
            }

            if (address.Protocol == Route.RTPROT_AZPROVISION || isSource)
            {
                rtnetlink.Delete(address);
            }
        }

        foreach (Route route in routes)
        {
            rtnetlink.Delete(route);
        }
    }

    private void AddAddress(Link link, Lease lease)
    {
        var address = new InterfaceAddress(
            _isKept ? link.Index : InterfaceAddress.Loopback, lease.Address, _isKept ? lease.PrefixLength : 32)
        {
            Protocol = _isKept ? Route.RTPROT_DHCP : Route.RTPROT_AZPROVISION,
        };
        double run = (_host.Deadline.Remaining + s_afterRun).TotalSeconds;
        if (!_rtnetlink.Add(address, _isKept ? InterfaceAddress.Forever : (uint)Math.Min(lease.Seconds ?? run, run)))
        {
            return;
        }

        foreach (InterfaceAddress made in _rtnetlink.Addresses())
        {
            if (made.Link == address.Link && made.Address == address.Address && made.PrefixLength == address.PrefixLength)
            {
                _address = made;
            }
        }
    }

    // One route that the kernel refuses is no reason to do without the others.
    private void Add(Link link, Lease lease, LeaseRoute route)
    {
        var made = new Route(route.Destination, route.Gateway, link.Index, lease.Address)
        {
            GatewayIsOnLink = route.Gateway is not null,
            Protocol = _isKept ? Route.RTPROT_DHCP : Route.RTPROT_AZPROVISION,
            Metric = Route.LastMetric,
            Mtu = lease.Mtu < link.Mtu ? lease.Mtu : null,
        };
        try
        {
            if (_rtnetlink.Add(made))
            {
                _routes.Add(made);
            }
        }
        catch (SyscallException e)
        {
            _host.Log.Warning($"{link.Name}: {e.Message}, ignoring");
        }
    }

    private void SetDown(Link link)
    {
        if (!IsInUse(link))
        {
            _rtnetlink.SetUp(link, up: false);
            if (IsInUse(link))
            {
                _rtnetlink.SetUp(link, up: true);   // somebody began between look and act
            }
        }
    }

    private void Try(Action putBack)
    {
        try
        {
            putBack();
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            _host.Log.Warning($"put the network back: {e.Message}, ignoring");
        }
    }

    /// <summary>Whether somebody else has begun to use the link since it was set up.</summary>
    private bool IsInUse(Link link)
    {
        foreach (InterfaceAddress address in _rtnetlink.Addresses())
        {
            if (address.Link == link.Index && !address.IsLinkLocal)
            {
                return true;
            }
        }

        return OtherClients.TryFind(_host.Kernel, [link]) is not null || _client?.HearsOther(link) == true;
    }

    private static bool Contains(IReadOnlyList<InterfaceAddress> addresses, InterfaceAddress address)
    {
        foreach (InterfaceAddress other in addresses)
        {
            if (other == address)
            {
                return true;
            }
        }

        return false;
    }
}
