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
    private const ushort RTM_NEWROUTE = 24;
    private const ushort RTM_DELROUTE = 25;
    private const ushort RTM_GETROUTE = 26;
    private const ushort NLM_F_NEW = NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_EXCL;
    private const int SizeOfIfinfomsg = 16;
    private const int MaxDumps = 10;

    private readonly NetlinkSocket _socket = NetlinkSocket.ForRequests();
    private uint _sequence;

    /// <summary>All links, with their drivers.</summary>
    internal IReadOnlyList<Link> Links()
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return Dump();
            }
            catch (IOException) when (tries < MaxDumps)
            {
                // Links came or went while they were listed, or one went before its driver was asked: list again.
            }
        }
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

    internal void SetMtu(Link link, uint mtu) =>
        Change(RTM_NEWLINK, 0, Link.ChangeMtu(link.Index, mtu), $"set MTU of {link.Name} to {mtu}");

    /// <summary>False when the link has the address already.</summary>
    internal bool Add(InterfaceAddress address) =>
        Make(RTM_NEWADDR, address.Encode(), $"add address {Endpoint.TextOf(address.Address)}");

    internal void Delete(InterfaceAddress address) =>
        Change(RTM_DELADDR, 0, address.Encode(), $"delete address {Endpoint.TextOf(address.Address)}");

    /// <summary>False when there is a route to the same destination already.</summary>
    internal bool Add(Route route) => Make(RTM_NEWROUTE, route.Encode(), $"add route {route}");

    internal void Delete(Route route) => Change(RTM_DELROUTE, 0, route.Encode(), $"delete route {route}");

    public void Dispose() => _socket.Dispose();

    private List<Link> Dump()
    {
        var links = new List<Link>();
        foreach (NetlinkMessage answer in Request(
            RTM_GETLINK, NetlinkMessage.NLM_F_DUMP, new byte[SizeOfIfinfomsg], "list links"))
        {
            if (answer.Type == RTM_NEWLINK)
            {
                Link link = Link.Parse(answer.Body);
                links.Add(link with { Driver = _socket.TryGetDriver(link.Name) });
            }
        }

        return links;
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
