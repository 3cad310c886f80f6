using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>
/// A message of netlink(7): a header of 16 bytes, then a body by type. All numbers are in host order, which is little endian
/// on both architectures this is built for.
/// </summary>
internal sealed record NetlinkMessage(ushort Type, ushort Flags, uint Sequence, byte[] Body)
{
    internal const ushort NLMSG_ERROR = 2;
    internal const ushort NLMSG_DONE = 3;
    internal const ushort NLM_F_REQUEST = 0x1;
    internal const ushort NLM_F_ACK = 0x4;
    internal const ushort NLM_F_DUMP_INTR = 0x10;
    internal const ushort NLM_F_EXCL = 0x200;
    internal const ushort NLM_F_DUMP = 0x300;
    internal const ushort NLM_F_CREATE = 0x400;

    private const int HeaderLength = 16;

    /// <summary>The errno that an error message or the end of a dump carries, 0 when all went well.</summary>
    internal int Errno()
    {
        var reader = new ByteReader(Body, "netlink error");
        return -(int)reader.UInt32LittleEndian();
    }

    internal byte[] Encode()
    {
        byte[] bytes = new byte[HeaderLength + Body.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)bytes.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), Type);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Sequence);
        Body.CopyTo(bytes, HeaderLength);   // the port id before it stays 0, the kernel's
        return bytes;
    }

    /// <summary>The messages of a datagram, in order.</summary>
    internal static List<NetlinkMessage> ParseAll(ReadOnlySpan<byte> datagram)
    {
        var messages = new List<NetlinkMessage>();
        var reader = new ByteReader(datagram, "netlink datagram");
        while (reader.Remaining > 0)
        {
            uint length = reader.UInt32LittleEndian();
            ushort type = reader.UInt16LittleEndian();
            ushort flags = reader.UInt16LittleEndian();
            uint sequence = reader.UInt32LittleEndian();
            reader.Skip(4);
            messages.Add(new NetlinkMessage(type, flags, sequence, reader.Bytes((long)length - HeaderLength).ToArray()));
            reader.Skip(Math.Min(reader.Remaining, NetlinkAttributes.Padding(length)));
        }

        return messages;
    }
}
