using System;
using System.Buffers.Binary;
using System.IO;

namespace Azprovision.Media;

/// <summary>The tag that every UDF descriptor begins with: kind, checksum, CRC, and where it stands (ECMA-167 3/7.2).</summary>
internal static class UdfTag
{
    internal const int Size = 16;

    internal const ushort SparingTable = 0;
    internal const ushort Anchor = 2;
    internal const ushort VolumePointer = 3;
    internal const ushort Partition = 5;
    internal const ushort LogicalVolume = 6;
    internal const ushort Terminating = 8;
    internal const ushort FileSet = 256;
    internal const ushort FileIdentifier = 257;
    internal const ushort AllocationExtent = 258;
    internal const ushort IndirectEntry = 259;
    internal const ushort FileEntry = 261;
    internal const ushort ExtendedFileEntry = 266;

    internal static ushort KindOf(ReadOnlySpan<byte> descriptor) =>
        BinaryPrimitives.ReadUInt16LittleEndian(descriptor);

    /// <summary>Whether a tag stands here, undamaged and at home, with the descriptor that its CRC covers.</summary>
    /// <param name="location">the sector, or the block of its partition; null: not looked at</param>
    internal static bool IsValid(ReadOnlySpan<byte> descriptor, uint? location)
    {
        if (descriptor.Length < Size)
        {
            return false;
        }

        byte sum = 0;
        for (int i = 0; i < Size; i++)
        {
            sum += i == 4 ? (byte)0 : descriptor[i];
        }

        ushort crc = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[8..]);
        int covered = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[10..]);
        uint home = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[12..]);

        // A CRC over more than what was read cannot be checked: some writers cover what lies behind the descriptor.
        return sum == descriptor[4]
            && (location is null || home == location)
            && (Size + covered > descriptor.Length || Crc(descriptor.Slice(Size, covered)) == crc);
    }

    internal static void Check(ReadOnlySpan<byte> descriptor, ushort kind, uint? location, string what)
    {
        if (!IsValid(descriptor, location))
        {
            throw new InvalidDataException($"UDF: {what} has a damaged tag");
        }

        if (KindOf(descriptor) != kind)
        {
            throw new InvalidDataException($"UDF: {what} has tag {KindOf(descriptor)}, not {kind}");
        }
    }

    // CRC-16 with polynomial x^16 + x^12 + x^5 + 1, most significant bit first, starting at 0 (ECMA-167 3/7.2.6).
    internal static ushort Crc(ReadOnlySpan<byte> bytes)
    {
        int crc = 0;
        foreach (byte b in bytes)
        {
            crc ^= b << 8;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            }
        }

        return (ushort)crc;
    }
}
