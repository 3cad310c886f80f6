using System;
using System.Buffers.Binary;
using System.Text;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>A network interface as RTM_NEWLINK tells it (rtnetlink(7)).</summary>
/// <param name="Type">ARPHRD_..., what kind of hardware address it has</param>
/// <param name="Master">the index of the bridge, bond or hv_netvsc it belongs to</param>
/// <param name="Kind">"veth", "bridge", ...: what made it; null for hardware</param>
internal sealed record Link(
    int Index, ushort Type, uint Flags, string Name, byte[] HardwareAddress, uint Mtu, uint? Master, string? Kind)
{
    internal const uint IFF_UP = 0x1;
    internal const uint IFF_RUNNING = 0x40;
    internal const uint IFF_LOWER_UP = 0x10000;

    private const ushort ARPHRD_ETHER = 1;
    private const uint IFF_SLAVE = 0x800;
    private const ushort IFLA_ADDRESS = 1;
    private const ushort IFLA_IFNAME = 3;
    private const ushort IFLA_MTU = 4;
    private const ushort IFLA_MASTER = 10;
    private const ushort IFLA_LINKINFO = 18;
    private const ushort IFLA_INFO_KIND = 1;

    /// <summary>The driver's name where ethtool's ioctl knows it.</summary>
    internal string? Driver { get; init; }

    internal bool IsEthernet => Type == ARPHRD_ETHER && HardwareAddress.Length == 6;

    internal bool IsUp => (Flags & IFF_UP) != 0;

    // Running alone is not enough: a link that was set up this moment counts as such until the kernel has looked.
    internal bool HasCarrier => IsUp && (Flags & IFF_RUNNING) != 0 && (Flags & IFF_LOWER_UP) != 0;

    internal bool IsSlave => Master is not null || (Flags & IFF_SLAVE) != 0;

    /// <summary>Reads the body of RTM_NEWLINK: struct ifinfomsg, then attributes.</summary>
    internal static Link Parse(ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(body, "netlink link");
        reader.Skip(2);   // family, padding
        ushort type = reader.UInt16LittleEndian();
        int index = (int)reader.UInt32LittleEndian();
        uint flags = reader.UInt32LittleEndian();
        reader.Skip(4);   // which flags changed
        NetlinkAttributes attributes = NetlinkAttributes.Parse(reader.Bytes(reader.Remaining));
        byte[]? information = attributes.TryGet(IFLA_LINKINFO);
        return new Link(
            index,
            type,
            flags,
            TextOf(attributes.TryGet(IFLA_IFNAME)) ?? $"link {index}",
            attributes.TryGet(IFLA_ADDRESS) ?? [],
            attributes.TryGetUInt32(IFLA_MTU) ?? 0,
            attributes.TryGetUInt32(IFLA_MASTER),
            information is null ? null : TextOf(NetlinkAttributes.Parse(information).TryGet(IFLA_INFO_KIND)));
    }

    /// <summary>The body of a request that changes a link: which of its flags, and to what.</summary>
    internal static byte[] ChangeFlags(int index, uint flags, uint changed)
    {
        byte[] body = new byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), index);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(8), flags);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(12), changed);
        return body;
    }

    private static string? TextOf(byte[]? value) => value is null ? null : Encoding.UTF8.GetString(value).TrimEnd('\0');
}
