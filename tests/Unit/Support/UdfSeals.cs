using System;
using System.Buffers.Binary;

namespace Azprovision.Tests.Unit.Support;

/// <summary>
/// Makes the checksums of UDF descriptors right again after a test has changed them, so that what is behind the checks is
/// tested too. Written from ECMA-167 3/7.2, not from the reader.
/// </summary>
internal static class UdfSeals
{
    private static readonly ushort[] s_table = MakeTable();

    /// <summary>Seals everything that looks like a descriptor at a multiple of 512 bytes.</summary>
    internal static void Renew(byte[] image)
    {
        for (int at = 0; at + 512 <= image.Length; at += 512)
        {
            Span<byte> tag = image.AsSpan(at);
            bool isKind = BinaryPrimitives.ReadUInt16LittleEndian(tag) is (> 0 and < 10) or (> 255 and < 267);
            if (isKind && BinaryPrimitives.ReadUInt16LittleEndian(tag[2..]) is 2 or 3)
            {
                Seal(tag);
            }
        }
    }

    /// <summary>Writes the CRC over as much as the tag says (as fits), then the checksum of the tag.</summary>
    internal static void Seal(Span<byte> descriptor)
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[10..]);
        if (16 + length <= descriptor.Length)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(descriptor[8..], Crc(descriptor.Slice(16, length)));
        }

        int sum = 0;
        for (int i = 0; i < 16; i++)
        {
            sum += i == 4 ? 0 : descriptor[i];
        }

        descriptor[4] = (byte)sum;
    }

    private static ushort Crc(ReadOnlySpan<byte> bytes)
    {
        ushort crc = 0;
        foreach (byte b in bytes)
        {
            crc = (ushort)(s_table[(crc >> 8) ^ b] ^ (crc << 8));
        }

        return crc;
    }

    private static ushort[] MakeTable()
    {
        ushort[] table = new ushort[256];
        for (int i = 0; i < table.Length; i++)
        {
            int value = i << 8;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value << 1) ^ ((value & 0x8000) != 0 ? 0x1021 : 0);
            }

            table[i] = (ushort)value;
        }

        return table;
    }
}
