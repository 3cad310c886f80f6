using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>The kernel's links, addresses and routes, asked and changed by rtnetlink(7).</summary>
internal sealed class Rtnetlink : IDisposable
{
    private const ushort RTM_NEWLINK = 16;
    private const ushort RTM_GETLINK = 18;
    private const ushort RTM_NEWADDR = 20;
    private const ushort RTM_DELADDR = 21;
    private const ushort RTM_GETADDR = 22;
    private const ushort RTM_NEWROUTE = 24;
    private const ushort RTM_DELROUTE = 25;
    private const ushort RTM_GETROUTE = 26;
    private const ushort NLM_F_NEW = NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_EXCL;
    private const int SizeOfIfinfomsg = 16;
    private const int SizeOfIfaddrmsg = 8;
    private const int MaxDumps = 10;

    private readonly NetlinkSocket _socket = NetlinkSocket.ForRequests();
    private uint _sequence;

    /// <summary>All links, with their drivers.</summary>
    internal IReadOnlyList<Link> Links()
    {
        var links = new List<Link>();
        foreach (NetlinkMessage answer in Dump(RTM_GETLINK, new byte[SizeOfIfinfomsg], "list links"))
        {
            if (answer.Type == RTM_NEWLINK)
            {
                Link link = Link.Parse(answer.Body);
                links.Add(link with { Driver = _socket.TryGetDriver(link.Name) });
            }
        }

        return links;
    }

    /// <summary>All addresses of all links, IPv6 too.</summary>
    internal IReadOnlyList<InterfaceAddress> Addresses()
    {
        var addresses = new List<InterfaceAddress>();
        foreach (NetlinkMessage answer in Dump(RTM_GETADDR, new byte[SizeOfIfaddrmsg], "list addresses"))
        {
            if (answer.Type == RTM_NEWADDR)
            {
                addresses.Add(InterfaceAddress.Parse(answer.Body));
            }
        }

        return addresses;
    }

    /// <summary>The IPv4 routes that this program made, in this run or before.</summary>
    internal IReadOnlyList<Route> OwnRoutes()
    {
        var routes = new List<Route>();
        byte[] query = Route.QueryAll(Route.RTPROT_AZPROVISION);
        foreach (NetlinkMessage answer in Dump(RTM_GETROUTE, query, "list routes"))
        {
            if (answer.Type == RTM_NEWROUTE && Route.Parse(answer.Body) is { Protocol: Route.RTPROT_AZPROVISION } route)
            {
                routes.Add(route);
            }
        }

        return routes;
    }

    /// <summary>The route that packets to an address would take, or null when there is none.</summary>
    internal Route? TryFindRoute(uint destination)
    {
        try
        {
            foreach (NetlinkMessage answer in Request(RTM_GETROUTE, 0, Route.Query(destination), "find route"))
            {
                if (answer.Type == RTM_NEWROUTE)
                {
                    return Route.Parse(answer.Body);
                }
            }
        }
        catch (SyscallException e) when (e.Errno is Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.EACCES or Errno.EINVAL)
        {
            // No route, or one of type unreachable, prohibit or blackhole: packets would not get there.
        }

        return null;
    }

    internal void SetUp(Link link, bool up) =>
        Change(RTM_NEWLINK, 0, Link.ChangeFlags(link.Index, up ? Link.IFF_UP : 0, Link.IFF_UP), $"set {link.Name} {(up ? "up" : "down")}");

    /// <summary>False when the link has the address already.</summary>
    /// <param name="seconds">after which the kernel removes it</param>
    internal bool Add(InterfaceAddress address, uint seconds) =>
        Make(RTM_NEWADDR, address.Encode(seconds), $"add address {Endpoint.TextOf(address.Address)}");

    internal void Delete(InterfaceAddress address) =>
        Remove(RTM_DELADDR, address.Encode(0), $"delete address {Endpoint.TextOf(address.Address)}");

    /// <summary>False when there is a route to the same destination already.</summary>
    internal bool Add(Route route) => Make(RTM_NEWROUTE, route.Encode(), $"add route {route}");

    internal void Delete(Route route) => Remove(RTM_DELROUTE, route.Encode(), $"delete route {route}");

    public void Dispose() => _socket.Dispose();

    private List<NetlinkMessage> Dump(ushort type, byte[] body, string what)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return Request(type, NetlinkMessage.NLM_F_DUMP, body, what);
            }
            catch (IOException) when (tries < MaxDumps)
            {
                // Something came or went while it was listed: list again.
            }
        }
    }

    private bool Make(ushort type, byte[] body, string what)
    {
        try
        {
            Change(type, NLM_F_NEW, body, what);
            return true;
        }
        catch (SyscallException e) when (e.Errno == Errno.EEXIST)
        {
            return false;
        }
    }

    /// <summary>Removes what may be gone already: by its lifetime, with its address or link, or by somebody else.</summary>
    private void Remove(ushort type, byte[] body, string what)
    {
        try
        {
            Change(type, 0, body, what);
        }
        catch (SyscallException e) when (e.Errno is Errno.ESRCH or Errno.EADDRNOTAVAIL or Errno.ENODEV)
        {
        }
    }

    private void Change(ushort type, ushort flags, byte[] body, string what) =>
        Request(type, (ushort)(flags | NetlinkMessage.NLM_F_ACK), body, what);

    /// <summary>Sends a request and gives all that the kernel answers up to its acknowledgement or the end of the dump.</summary>
    private List<NetlinkMessage> Request(ushort type, ushort flags, byte[] body, string what)
    {
        uint sequence = ++_sequence;
        bool isDump = (flags & NetlinkMessage.NLM_F_DUMP) != 0;
        bool isAcknowledged = (flags & NetlinkMessage.NLM_F_ACK) != 0;
        _socket.Send(new NetlinkMessage(type, (ushort)(flags | NetlinkMessage.NLM_F_REQUEST), sequence, body).Encode());
        var answers = new List<NetlinkMessage>();
        while (true)
        {
            foreach (NetlinkMessage answer in NetlinkMessage.ParseAll(_socket.Receive()))
            {
                if (answer.Sequence != sequence)
                {
                    continue;
                }

                if ((answer.Flags & NetlinkMessage.NLM_F_DUMP_INTR) != 0)
                {
                    throw new IOException($"rtnetlink, {what}: interrupted by a change");
                }

                if (answer.Type is NetlinkMessage.NLMSG_ERROR or NetlinkMessage.NLMSG_DONE)
                {
                    return answer.Errno() is var errno and not 0
                        ? throw new SyscallException("rtnetlink", what, errno)
                        : answers;
                }

                answers.Add(answer);
            }

            if (!isDump && !isAcknowledged && answers.Count > 0)
            {
                return answers;
            }
        }
    }
}
