using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>A DHCP message (RFC 2131 2): the fields that a client uses, and all options. Addresses are in host order.</summary>
internal sealed record DhcpMessage(
    byte Op, uint Xid, byte[] HardwareAddress, IReadOnlyList<DhcpOption> Options)
{
    internal const byte BOOTREQUEST = 1;
    internal const byte BOOTREPLY = 2;

    private const byte Ethernet = 1;
    private const byte HardwareLength = 6;
    private const ushort BroadcastFlag = 0x8000;
    private const uint MagicCookie = 0x63825363;
    private const int HardwareAddressOffset = 28;
    private const int ServerNameOffset = 44;
    private const int FileOffset = 108;
    private const int CookieOffset = 236;
    private const int OptionsOffset = 240;
    private const int MinimumLength = 300;   // RFC 1542 2.1: relays may drop what is shorter
    private const byte Pad = 0;
    private const byte End = 255;

    /// <summary>Seconds since the client began.</summary>
    internal ushort Seconds { get; init; }

    /// <summary>The client asks for answers by broadcast.</summary>
    internal bool Broadcast { get; init; }

    /// <summary>ciaddr: the address that the client has.</summary>
    internal uint ClientAddress { get; init; }

    /// <summary>yiaddr: the address that the server gives.</summary>
    internal uint YourAddress { get; init; }

    internal DhcpMessageType? Type => TryGet(DhcpOption.MessageType) is [byte type] ? (DhcpMessageType)type : null;

    internal byte[]? TryGet(byte code)
    {
        foreach (DhcpOption option in Options)
        {
            if (option.Code == code)
            {
                return option.Value;
            }
        }

        return null;
    }

    /// <summary>An option that is one address.</summary>
    internal uint? TryGetAddress(byte code) => TryGet(code) switch
    {
        null => null,
        { Length: 4 } value => BinaryPrimitives.ReadUInt32BigEndian(value),
        { Length: var length } => throw new InvalidDataException($"DHCP option {code} has {length} bytes, 4 are expected"),
    };

    /// <summary>
    /// Whether these are the bytes of a reply to the client of that hardware address, and to which of its requests: 0 if not.
    /// </summary>
    internal static bool IsReplyTo(ReadOnlySpan<byte> hardwareAddress, ReadOnlySpan<byte> bytes, out uint xid)
    {
        bool isReply = bytes.Length >= OptionsOffset && bytes[0] == BOOTREPLY
            && bytes.Slice(HardwareAddressOffset, HardwareLength).SequenceEqual(hardwareAddress);
        xid = isReply ? BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]) : 0;
        return isReply;
    }

    internal byte[] Encode()
    {
        var bytes = new List<byte>();
        Span<byte> header = stackalloc byte[OptionsOffset];
        header.Clear();
        header[0] = Op;
        header[1] = Ethernet;
        header[2] = HardwareLength;
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], Xid);
        BinaryPrimitives.WriteUInt16BigEndian(header[8..], Seconds);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], Broadcast ? BroadcastFlag : (ushort)0);
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], ClientAddress);
        BinaryPrimitives.WriteUInt32BigEndian(header[16..], YourAddress);
        HardwareAddress.CopyTo(header[HardwareAddressOffset..]);
        BinaryPrimitives.WriteUInt32BigEndian(header[CookieOffset..], MagicCookie);
        bytes.AddRange(header);
        foreach (DhcpOption option in Options)
        {
            AddOption(bytes, option);
        }

        bytes.Add(End);
        if (bytes.Count < MinimumLength)
        {
            bytes.AddRange(new byte[MinimumLength - bytes.Count]);
        }

        return bytes.ToArray();
    }

    internal static DhcpMessage Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, "DHCP message");
        byte op = reader.Byte();
        byte hardware = reader.Byte();
        byte hardwareLength = reader.Byte();
        if (hardware != Ethernet || hardwareLength != HardwareLength)
        {
            throw new InvalidDataException($"DHCP message for hardware {hardware} with addresses of {hardwareLength} bytes");
        }

        reader.Skip(1);
        uint xid = reader.UInt32BigEndian();
        ushort seconds = reader.UInt16BigEndian();
        ushort flags = reader.UInt16BigEndian();
        uint clientAddress = reader.UInt32BigEndian();
        uint yourAddress = reader.UInt32BigEndian();
        reader.Skip(8);
        byte[] hardwareAddress = reader.Bytes(HardwareLength).ToArray();
        reader.Seek(CookieOffset);
        uint cookie = reader.UInt32BigEndian();
        return cookie != MagicCookie
            ? throw new InvalidDataException($"DHCP message with cookie {cookie:x8}")
            : new DhcpMessage(op, xid, hardwareAddress, ParseOptions(bytes))
            {
                Seconds = seconds,
                Broadcast = (flags & BroadcastFlag) != 0,
                ClientAddress = clientAddress,
                YourAddress = yourAddress,
            };
    }

    /// <summary>
    /// Reads the options, then those in the fields that option 52 names: file before sname, and parts of one option joined in
    /// that order (RFC 3396 5, 8).
    /// </summary>
    private static List<DhcpOption> ParseOptions(ReadOnlySpan<byte> bytes)
    {
        var options = new List<DhcpOption>();
        AddOptions(options, bytes[OptionsOffset..]);
        int overload = options.Find(option => option.Code == DhcpOption.Overload) is { Value: [byte value] } ? value : 0;
        if ((overload & 1) != 0)
        {
            AddOptions(options, bytes[FileOffset..CookieOffset]);
        }

        if ((overload & 2) != 0)
        {
            AddOptions(options, bytes[ServerNameOffset..FileOffset]);
        }

        return options;
    }

    // A field that ends without option 255 is taken: nothing is missing from it.
    private static void AddOptions(List<DhcpOption> options, ReadOnlySpan<byte> field)
    {
        var reader = new ByteReader(field, "DHCP options");
        while (reader.Remaining > 0 && reader.Byte() is var code and not End)
        {
            if (code == Pad)
            {
                continue;
            }

            byte[] value = reader.Bytes(reader.Byte()).ToArray();
            int known = options.FindIndex(option => option.Code == code);
            if (known < 0)
            {
                options.Add(new DhcpOption(code, value));
            }
            else
            {
                options[known] = new DhcpOption(code, [.. options[known].Value, .. value]);
            }
        }
    }

    private static void AddOption(List<byte> bytes, DhcpOption option)
    {
        ReadOnlySpan<byte> rest = option.Value;
        do
        {
            ReadOnlySpan<byte> part = rest[..Math.Min(rest.Length, byte.MaxValue)];
            bytes.Add(option.Code);
            bytes.Add((byte)part.Length);
            bytes.AddRange(part);
            rest = rest[part.Length..];
        }
        while (rest.Length > 0);
    }
}

/// <summary>The value of option 53 (RFC 2132 9.6), those that are used here.</summary>
internal enum DhcpMessageType : byte
{
    Discover = 1,
    Offer = 2,
    Request = 3,
    Ack = 5,
    Nak = 6,
}
