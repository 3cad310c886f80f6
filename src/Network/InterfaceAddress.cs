using System;
using System.Buffers.Binary;

namespace Azprovision.Network;

/// <summary>An IPv4 address of a network interface; the kernel makes the route to its neighbours by itself.</summary>
internal sealed record InterfaceAddress(int Link, uint Address, int PrefixLength)
{
    private const byte AF_INET = 2;
    private const ushort IFA_ADDRESS = 1;
    private const ushort IFA_LOCAL = 2;
    private const ushort IFA_BROADCAST = 4;

    /// <summary>
    /// The body of RTM_NEWADDR and RTM_DELADDR: struct ifaddrmsg, then attributes. No lifetime: whoever keeps the network
    /// wants it to last until another DHCP client takes over.
    /// </summary>
    internal byte[] Encode()
    {
        Span<byte> fixedPart = stackalloc byte[8];
        fixedPart.Clear();
        fixedPart[0] = AF_INET;
        fixedPart[1] = (byte)PrefixLength;
        BinaryPrimitives.WriteInt32LittleEndian(fixedPart[4..], Link);
        NetlinkAttributes attributes = new NetlinkAttributes().WithAddress(IFA_LOCAL, Address);
        if (PrefixLength < 31)   // RFC 3021: a block of two has no broadcast address
        {
            attributes.WithAddress(IFA_BROADCAST, Address | ~Ipv4Prefix.Around(Address, PrefixLength).Mask);
        }

        return attributes.WithAddress(IFA_ADDRESS, Address).EncodeAfter(fixedPart);
    }
}
