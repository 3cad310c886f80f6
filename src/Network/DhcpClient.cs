using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Network;

/// <summary>
/// A DHCP client for one interface (RFC 2131 4.4). The address is not probed by ARP and not released at the end: the platform
/// keeps it for this machine, whose own client asks for it next, and a release could take the name out of its DNS.
/// </summary>
internal sealed class DhcpClient : IDisposable
{
    internal const ushort ClientPort = 68;

    private const ushort ServerPort = 67;
    private const uint Everyone = 0xFFFFFFFF;
    private const int TriesByUnicast = 4;
    private const int LongestLabel = 63;   // RFC 1035 2.3.4

    private static readonly byte[] s_wanted =
    [
        DhcpOption.SubnetMask, DhcpOption.Router, DhcpOption.Mtu, DhcpOption.LeaseTime, DhcpOption.ServerIdentifier,
        DhcpOption.ClasslessRoutes, DhcpOption.WireServer, DhcpOption.MicrosoftClasslessRoutes,
    ];

    // RFC 2131 4.1 begins with 4 s. The platform answers at once, and the first packet after the link came up may be lost:
    // half a second matters to the boot, and a few more packets to nobody.
    private static readonly Backoff s_backoff = new(TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(16));
    private static readonly TimeSpan s_acknowledgeWithin = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_pauseAfterRefusal = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    // How long other offers are waited for when the first does not name the platform, or is of a server whose lease was no good.
    private static readonly TimeSpan s_betterOfferWithin = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_otherOfferWithin = TimeSpan.FromSeconds(3);

    private readonly PacketSocket _socket;
    private readonly int _link;
    private readonly byte[] _hardwareAddress;
    private readonly byte[]? _hostName;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly long _start;
    private readonly HashSet<uint> _xids;
    private string? _ignored;

    /// <param name="hostName">the name for option 12: its first label, the domain is the network's to add</param>
    /// <param name="xids">of all requests of this run, since an answer may come late</param>
    internal DhcpClient(PacketSocket socket, Link link, HostName? hostName, HashSet<uint> xids, TimeProvider time)
    {
        _socket = socket;
        _xids = xids;
        _link = link.Index;
        _hardwareAddress = link.HardwareAddress;
        _hostName = hostName is null ? null : LabelOf(hostName.Text);
        _time = time;
        _start = time.GetTimestamp();
        _random = new Random(Seed(time, link.HardwareAddress));
    }

    /// <summary>A DHCP server has answered somebody else who asked for this very interface.</summary>
    internal bool HasHeardOther { get; private set; }

    /// <summary>Asks for a lease until the deadline; then the TimeoutException tells how far it came.</summary>
    /// <param name="wireServer">a lease that names it is worth a moment's wait</param>
    /// <param name="worst">servers whose leases are the last choice</param>
    /// <param name="isNeedless">asked now and then: the result is null as soon as it says so</param>
    internal Lease? Acquire(uint wireServer, HashSet<uint> worst, Func<bool> isNeedless, Deadline deadline)
    {
        string? refusal = null;
        while (true)
        {
            uint xid = NewXid();
            ushort seconds = 0;
            DhcpMessage? offer = Ask(
                tries =>
                {
                    seconds = (ushort)_time.GetElapsedTime(_start).TotalSeconds;
                    return Request(DhcpMessageType.Discover, xid) with { Seconds = seconds, Broadcast = tries > TriesByUnicast };
                },
                answer => answer.Type == DhcpMessageType.Offer,
                isNeedless,
                deadline);
            offer = offer is null ? null : BestOffer(offer, wireServer, worst, deadline);
            if (isNeedless())
            {
                return null;
            }

            if (offer is null)
            {
                throw new TimeoutException(refusal ?? _ignored ?? "no DHCP offer");
            }

            // The same xid and seconds as the DISCOVER (RFC 2131 4.4.1, table 5).
            uint server = Lease.From(offer).Server;
            DhcpMessage request = Request(
                DhcpMessageType.Request,
                xid,
                AddressOption(DhcpOption.RequestedAddress, offer.YourAddress),
                AddressOption(DhcpOption.ServerIdentifier, server));
            DhcpMessage? answer = Ask(
                tries => request with { Seconds = seconds, Broadcast = tries > TriesByUnicast },
                answer => IsDecision(answer) && answer.TryGetAddress(DhcpOption.ServerIdentifier) == server,
                isNeedless,
                deadline.Within(s_acknowledgeWithin));
            string offered = Endpoint.TextOf(offer.YourAddress);
            switch (answer?.Type)
            {
                case DhcpMessageType.Ack:
                    return Lease.From(answer);
                case DhcpMessageType.Nak:
                    refusal = $"the DHCP server refused {offered} that it had offered{ReasonOf(answer)} (NAK)";
                    Retry.Pause(s_pauseAfterRefusal, deadline);
                    break;
                default:
                    refusal = $"the DHCP server did not acknowledge {offered} that it had offered";
                    break;
            }
        }
    }

    /// <summary>
    /// Renews the lease of an address that another client of this machine holds, so that the server learns the host name.
    /// By broadcast, as in state REBINDING (RFC 2131 4.3.2), since which server gave the lease is the other client's
    /// knowledge; its own exchange is not disturbed, as our xid is not its own.
    /// </summary>
    /// <param name="clientIdentifier">option 61 as the other client sends it, null if it sends none</param>
    /// <returns>null when it was acknowledged, else what happened instead</returns>
    internal string? Renew(uint address, byte[]? clientIdentifier, Deadline deadline)
    {
        DhcpMessage request = Request(
            DhcpMessageType.Request,
            NewXid(),
            clientIdentifier is null ? null : new DhcpOption(DhcpOption.ClientIdentifier, clientIdentifier)) with
        {
            ClientAddress = address,
        };
        DhcpMessage? answer = Ask(_ => request, IsDecision, () => false, deadline);
        return answer?.Type switch
        {
            DhcpMessageType.Ack => null,
            null => "no DHCP server answered",
            _ => $"the DHCP server refused to renew {Endpoint.TextOf(address)}{ReasonOf(answer!)} (NAK)",
        };
    }

    /// <summary>Looks through what has come since: nothing of it is for us any more, but some may be for somebody else.</summary>
    internal bool HearsOther(Link link)
    {
        Deadline now = Deadline.After(TimeSpan.Zero, _time);
        try
        {
            while (!HasHeardOther && _socket.Receive(now) is { Length: > 0 } packet)
            {
                _ = TryParse(UdpPacket.PayloadOf(packet, ServerPort, ClientPort), xid: null);
            }
        }
        catch (SyscallException)
        {
            // The link is down or gone, and nothing comes over it.
        }

        return HasHeardOther && link.Index == _link;
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>
    /// Sends, and sends again, until a wanted answer to this request comes; null when the deadline passed or it is needless.
    /// </summary>
    private DhcpMessage? Ask(
        Func<int, DhcpMessage> request, Func<DhcpMessage, bool> wanted, Func<bool> isNeedless, Deadline deadline)
    {
        for (int tries = 1; !deadline.IsOver && !isNeedless(); tries++)
        {
            DhcpMessage sent = request(tries);
            _socket.SendToAll(UdpPacket.Encode(sent.ClientAddress, ClientPort, Everyone, ServerPort, sent.Encode()));
            Deadline again = deadline.Within(s_backoff.After(tries, null, TimeSpan.Zero, _random.NextDouble()));
            do
            {
                if (Receive(sent.Xid, again.Within(s_look)) is { } answer && wanted(answer))
                {
                    return answer;
                }
            }
            while (!again.IsOver && !isNeedless());
        }

        return null;
    }

    /// <summary>The first offer, unless another comes in time that is better.</summary>
    private DhcpMessage BestOffer(DhcpMessage first, uint wireServer, HashSet<uint> worst, Deadline deadline)
    {
        DhcpMessage best = first;
        int rank = RankOf(best);
        Deadline better = deadline.Within(s_betterOfferWithin);
        Deadline other = deadline.Within(s_otherOfferWithin);
        while (rank > 0 && Receive(best.Xid, rank == 1 ? better : other) is { } offer)
        {
            if (offer.Type == DhcpMessageType.Offer && RankOf(offer) < rank)
            {
                best = offer;
                rank = RankOf(offer);
            }
        }

        return best;

        int RankOf(DhcpMessage offer)
        {
            var lease = Lease.From(offer);
            return worst.Contains(lease.Server) ? 2 : lease.NamesPlatform(wireServer) ? 0 : 1;
        }
    }

    /// <summary>Waits for a usable answer to a request of ours; null when none came in time.</summary>
    private DhcpMessage? Receive(uint xid, Deadline deadline)
    {
        while (_socket.Receive(deadline) is { Length: > 0 } packet)
        {
            if (TryParse(UdpPacket.PayloadOf(packet, ServerPort, ClientPort), xid) is { } answer)
            {
                return answer;
            }
        }

        return null;
    }

    /// <summary>The message, if it is a usable answer to ours; anybody on the link can send the others.</summary>
    private DhcpMessage? TryParse(ReadOnlySpan<byte> payload, uint? xid)
    {
        if (!DhcpMessage.IsReplyTo(_hardwareAddress, payload, out uint answered) || answered != xid)
        {
            HasHeardOther |= answered != 0 && !_xids.Contains(answered);
            return null;
        }

        try
        {
            DhcpMessage answer = DhcpMessage.Parse(payload);

            // A broken one must not keep us from the next.
            _ = answer.Type == DhcpMessageType.Nak
                ? answer.TryGetAddress(DhcpOption.ServerIdentifier)
                : Lease.From(answer).Server;
            return answer;
        }
        catch (InvalidDataException e)
        {
            _ignored = $"no usable DHCP offer: {e.Message}";
            return null;
        }
    }

    private DhcpMessage Request(DhcpMessageType type, uint xid, params ReadOnlySpan<DhcpOption?> more)
    {
        var options = new List<DhcpOption> { new(DhcpOption.MessageType, [(byte)type]) };
        foreach (DhcpOption? option in more)
        {
            if (option is not null)
            {
                options.Add(option);
            }
        }

        if (_hostName is not null)
        {
            options.Add(new DhcpOption(DhcpOption.HostName, _hostName));
        }

        options.Add(new DhcpOption(DhcpOption.ParameterRequestList, s_wanted));
        return new DhcpMessage(DhcpMessage.BOOTREQUEST, xid, _hardwareAddress, options);
    }

    private static bool IsDecision(DhcpMessage answer) => answer.Type is DhcpMessageType.Ack or DhcpMessageType.Nak;

    private static DhcpOption AddressOption(byte code, uint address)
    {
        byte[] value = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(value, address);
        return new DhcpOption(code, value);
    }

    private static string ReasonOf(DhcpMessage answer) => answer.TryGet(DhcpOption.Message) is { } text
        ? $", '{Printable.Of(Encoding.UTF8.GetString(text))}'"
        : "";

    private static byte[] LabelOf(string hostName)
    {
        string label = hostName.Split('.')[0];
        return Encoding.ASCII.GetBytes(label[..Math.Min(label.Length, LongestLabel)]);
    }

    private uint NewXid()
    {
        uint xid = (uint)_random.NextInt64(1, 1L << 32);
        _xids.Add(xid);
        return xid;
    }

    // The kernel's randomness may not be there yet this early; the hardware address then tells machines apart that were
    // started in the same moment.
    private static int Seed(TimeProvider time, byte[] hardwareAddress)
    {
        byte[] random = new byte[4];
        int seed = Libc.TryGetRandom(random) ? 0 : (int)time.GetTimestamp();
        seed ^= BinaryPrimitives.ReadInt32LittleEndian(random);
        return seed ^ BinaryPrimitives.ReadInt32LittleEndian(hardwareAddress.AsSpan(2));
    }
}
