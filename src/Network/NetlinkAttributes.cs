using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>
/// The attributes behind the fixed part of a message: length 2 (with these four bytes), type 2, value, padding to a multiple
/// of four (netlink(7), struct nlattr).
/// </summary>
internal sealed class NetlinkAttributes
{
    private const int HeaderLength = 4;
    private const ushort TypeMask = 0x3FFF;   // NLA_F_NESTED and NLA_F_NET_BYTEORDER are flags

    private readonly Dictionary<ushort, byte[]> _values = [];

    /// <summary>Reads the attributes; of several of a type the last one counts, as in the kernel.</summary>
    internal static NetlinkAttributes Parse(ReadOnlySpan<byte> bytes)
    {
        var attributes = new NetlinkAttributes();
        var reader = new ByteReader(bytes, "netlink attributes");
        while (reader.Remaining > 0)
        {
            ushort length = reader.UInt16LittleEndian();
            ushort type = reader.UInt16LittleEndian();
            attributes._values[(ushort)(type & TypeMask)] = reader.Bytes(length - HeaderLength).ToArray();
            reader.Skip(Math.Min(reader.Remaining, Padding(length)));
        }

        return attributes;
    }

    internal static int Padding(uint length) => (int)(-length & 3);

    internal byte[]? TryGet(ushort type) => _values.GetValueOrDefault(type);

    internal uint? TryGetUInt32(ushort type) => TryGet(type, sizeof(uint)) is { } value
        ? BinaryPrimitives.ReadUInt32LittleEndian(value)
        : null;

    /// <summary>An IPv4 address, which is in network order as everywhere.</summary>
    internal uint? TryGetAddress(ushort type) => TryGet(type, sizeof(uint)) is { } value
        ? BinaryPrimitives.ReadUInt32BigEndian(value)
        : null;

    internal NetlinkAttributes With(ushort type, byte[] value)
    {
        _values.Add(type, value);
        return this;
    }

    internal NetlinkAttributes WithUInt32(ushort type, uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return With(type, bytes);
    }

    internal NetlinkAttributes WithAddress(ushort type, uint address)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return With(type, bytes);
    }

    /// <summary>A message's body: its fixed part, whose length is a multiple of four, then the attributes.</summary>
    internal byte[] EncodeAfter(ReadOnlySpan<byte> fixedPart)
    {
        var body = new List<byte>();
        body.AddRange(fixedPart);
        Span<byte> header = stackalloc byte[HeaderLength];
        foreach ((ushort type, byte[] value) in _values)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(HeaderLength + value.Length));
            BinaryPrimitives.WriteUInt16LittleEndian(header[2..], type);
            body.AddRange(header);
            body.AddRange(value);
            body.AddRange(new byte[Padding((uint)value.Length)]);
        }

        return body.ToArray();
    }

    private byte[]? TryGet(ushort type, int length)
    {
        byte[]? value = TryGet(type);
        return value is null || value.Length == length
            ? value
            : throw new InvalidDataException($"netlink attribute {type} has {value.Length} bytes, {length} are expected");
    }
}
