using System;
using System.Buffers.Binary;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>
/// An address of a network interface (rtnetlink(7), RTM_NEWADDR). Two of them are equal when nobody has touched the one since
/// the other was read.
/// </summary>
/// <param name="Address">0 for IPv6, of which only its being there matters</param>
internal sealed record InterfaceAddress(int Link, uint Address, int PrefixLength)
{
    internal const uint Forever = uint.MaxValue;
    internal const int Loopback = 1;   // LOOPBACK_IFINDEX; it need not be up to have addresses

    private const byte AF_INET = 2;
    private const byte RT_SCOPE_LINK = 253;
    private const ushort IFA_ADDRESS = 1;
    private const ushort IFA_LOCAL = 2;
    private const ushort IFA_BROADCAST = 4;
    private const ushort IFA_CACHEINFO = 6;
    private const ushort IFA_FLAGS = 8;
    private const ushort IFA_PROTO = 11;   // since Linux 5.18; before that the kernel reads over it

    /// <summary>Whose it is, by the numbers of routing protocols; 0 where nobody said.</summary>
    internal byte Protocol { get; init; }

    internal uint Flags { get; init; }

    /// <summary>When it was made or changed the last time, by the kernel's clock.</summary>
    internal uint Changed { get; init; }

    /// <summary>Of IPv6 and for the link alone, as the kernel makes one wherever a link is up.</summary>
    internal bool IsLinkLocal { get; init; }

    /// <summary>Reads the body of RTM_NEWADDR: struct ifaddrmsg, then attributes.</summary>
    internal static InterfaceAddress Parse(ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(body, "netlink address");
        bool isIpv4 = reader.Byte() == AF_INET;
        byte length = reader.Byte();
        byte flags = reader.Byte();
        byte scope = reader.Byte();
        int link = (int)reader.UInt32LittleEndian();
        NetlinkAttributes attributes = NetlinkAttributes.Parse(reader.Bytes(reader.Remaining));
        return new InterfaceAddress(link, isIpv4 ? attributes.TryGetAddress(IFA_LOCAL) ?? 0 : 0, length)
        {
            Protocol = attributes.TryGet(IFA_PROTO) is [byte protocol] ? protocol : (byte)0,
            Flags = attributes.TryGetUInt32(IFA_FLAGS) ?? flags,
            Changed = ChangedOf(attributes.TryGet(IFA_CACHEINFO)),
            IsLinkLocal = !isIpv4 && scope == RT_SCOPE_LINK,
        };
    }

    /// <summary>The body of RTM_NEWADDR and RTM_DELADDR.</summary>
    /// <param name="seconds">after which the kernel removes it</param>
    internal byte[] Encode(uint seconds)
    {
        Span<byte> fixedPart = stackalloc byte[8];
        fixedPart.Clear();
        fixedPart[0] = AF_INET;
        fixedPart[1] = (byte)PrefixLength;
        BinaryPrimitives.WriteInt32LittleEndian(fixedPart[4..], Link);
        byte[] times = new byte[16];   // struct ifa_cacheinfo: preferred 4, valid 4, made 4, changed 4
        BinaryPrimitives.WriteUInt32LittleEndian(times, seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(times.AsSpan(4), seconds);
        NetlinkAttributes attributes = new NetlinkAttributes().WithAddress(IFA_LOCAL, Address).With(IFA_CACHEINFO, times);
        if (PrefixLength < 31)   // RFC 3021: a block of two has no broadcast address
        {
            attributes.WithAddress(IFA_BROADCAST, Address | ~Ipv4Prefix.Around(Address, PrefixLength).Mask);
        }

        return attributes.With(IFA_PROTO, [Protocol]).WithAddress(IFA_ADDRESS, Address).EncodeAfter(fixedPart);
    }

    private static uint ChangedOf(byte[]? times) =>
        times is { Length: >= 16 } ? BinaryPrimitives.ReadUInt32LittleEndian(times.AsSpan(12)) : 0;
}
