using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Run;

namespace Azprovision.Disks;

/// <summary>
/// A record of the master file table: a header, and attributes that have all there is to a file, its names too. (Layouts as
/// in the Linux kernel's fs/ntfs3/ntfs.h.)
/// </summary>
internal sealed record NtfsRecord(bool IsInUse, bool IsExtension, IReadOnlyList<NtfsAttribute> Attributes)
{
    private const int Stride = 512;   // each ends with two bytes that show whether a write was torn
    private const int MaxAttributes = 64;

    /// <summary>Null: nothing that is a record has ever been written there.</summary>
    internal static NtfsRecord? Parse(Span<byte> bytes, long clusters)
    {
        if (!bytes.StartsWith("FILE"u8))
        {
            return bytes.StartsWith("BAAD"u8) ? throw new InvalidDataException("NTFS: a file record is marked as bad") : null;
        }

        var header = new ByteReader(bytes, "NTFS file record");
        header.Seek(4);
        int sequenceOffset = header.UInt16LittleEndian();
        int sequenceCount = header.UInt16LittleEndian();
        header.Seek(20);
        int attributes = header.UInt16LittleEndian();
        int flags = header.UInt16LittleEndian();
        uint used = header.UInt32LittleEndian();
        header.Seek(32);
        ulong baseRecord = header.UInt64LittleEndian();
        Restore(bytes, sequenceOffset, sequenceCount);
        if (used > bytes.Length || attributes > used)
        {
            throw new InvalidDataException($"NTFS: a file record of {bytes.Length} bytes has {used} in use");
        }

        const int InUse = 1;
        bool isInUse = (flags & InUse) != 0;
        // What a deleted file has left in its record need not be right.
        return new NtfsRecord(
            isInUse, baseRecord != 0, isInUse ? ParseAttributes(bytes[attributes..(int)used], clusters) : []);
    }

    internal NtfsAttribute? Find(uint type, string name = "")
    {
        foreach (NtfsAttribute attribute in Attributes)
        {
            if (attribute.Type == type && attribute.Name == name)
            {
                return attribute;
            }
        }

        return null;
    }

    // The last two bytes of each stride were swapped for a number that all strides of one write have in common.
    private static void Restore(Span<byte> bytes, int offset, int count)
    {
        if (count != (bytes.Length / Stride) + 1 || offset + (2 * count) > Stride - 2)
        {
            throw new InvalidDataException($"NTFS: a file record has {count} update sequence numbers at byte {offset}");
        }

        Span<byte> sequence = bytes.Slice(offset, 2 * count);
        for (int i = 1; i < count; i++)
        {
            Span<byte> end = bytes.Slice((i * Stride) - 2, 2);
            if (!end.SequenceEqual(sequence[..2]))
            {
                throw new InvalidDataException("NTFS: a file record was written in part only");
            }

            sequence.Slice(2 * i, 2).CopyTo(end);
        }
    }

    private static List<NtfsAttribute> ParseAttributes(ReadOnlySpan<byte> bytes, long clusters)
    {
        var attributes = new List<NtfsAttribute>();
        while (true)
        {
            var reader = new ByteReader(bytes, "NTFS attribute");
            uint type = reader.UInt32LittleEndian();
            if (type == NtfsAttribute.End)
            {
                return attributes;
            }

            uint length = reader.UInt32LittleEndian();
            if (length < 16 || length > bytes.Length || attributes.Count == MaxAttributes)
            {
                throw new InvalidDataException($"NTFS: attribute {attributes.Count} of a file has {length} bytes");
            }

            attributes.Add(NtfsAttribute.Parse(type, bytes[..(int)length], clusters));
            bytes = bytes[(int)length..];
        }
    }
}

/// <summary>A part of a file: its names, its data, a stream beside them, a part of a directory.</summary>
/// <param name="Name">"" for most</param>
/// <param name="Size">of its content in bytes</param>
/// <param name="Initialized">what of it was ever written; the rest reads as zeros</param>
/// <param name="Value">the content, if it is in the record itself</param>
/// <param name="Runs">where else it is</param>
internal sealed record NtfsAttribute(
    uint Type, string Name, long Size, long Initialized, byte[]? Value, NtfsRuns? Runs)
{
    internal const uint StandardInformation = 0x10;
    internal const uint FileName = 0x30;
    internal const uint ObjectId = 0x40;
    internal const uint SecurityDescriptor = 0x50;
    internal const uint VolumeInformation = 0x70;
    internal const uint Data = 0x80;
    internal const uint IndexRoot = 0x90;
    internal const uint IndexAllocation = 0xA0;
    internal const uint Bitmap = 0xB0;
    internal const uint LoggedUtilityStream = 0x100;
    internal const uint End = 0xFFFFFFFF;

    internal static NtfsAttribute Parse(uint type, ReadOnlySpan<byte> bytes, long clusters)
    {
        var reader = new ByteReader(bytes, "NTFS attribute");
        reader.Seek(8);
        bool isElsewhere = reader.Byte() != 0;
        int nameLength = reader.Byte();
        int nameOffset = reader.UInt16LittleEndian();
        string name = "";
        if (nameLength > 0)
        {
            reader.Seek(nameOffset);
            name = Encoding.Unicode.GetString(reader.Bytes(2 * nameLength));
        }

        reader.Seek(16);
        if (!isElsewhere)
        {
            uint size = reader.UInt32LittleEndian();
            int offset = reader.UInt16LittleEndian();
            reader.Seek(offset);
            return new NtfsAttribute(type, name, size, size, reader.Bytes(size).ToArray(), null);
        }

        if (reader.UInt64LittleEndian() != 0)
        {
            throw new InvalidDataException("NTFS: an attribute begins in another file record");
        }

        reader.Seek(32);
        int pairs = reader.UInt16LittleEndian();
        reader.Seek(48);
        ulong dataSize = reader.UInt64LittleEndian();
        ulong initialized = reader.UInt64LittleEndian();
        if (dataSize > long.MaxValue || initialized > dataSize || pairs > bytes.Length)
        {
            throw new InvalidDataException($"NTFS: an attribute of {dataSize} bytes, {initialized} of them written");
        }

        return new NtfsAttribute(
            type, name, (long)dataSize, (long)initialized, null, NtfsRuns.Decode(bytes[pairs..], clusters));
    }

    /// <summary>The directory and the name of a FileName attribute; a null name is a short one beside another.</summary>
    internal (long Parent, string? Name) AsFileName()
    {
        const byte Dos = 2;
        const ulong RecordNumber = 0xFFFFFFFFFFFF;   // the upper 16 bits count how often the record was used
        var reader = new ByteReader(Value, "NTFS file name");
        ulong parent = reader.UInt64LittleEndian() & RecordNumber;
        reader.Seek(64);
        int length = reader.Byte();
        byte nameSpace = reader.Byte();
        string name = Encoding.Unicode.GetString(reader.Bytes(2 * length));
        return ((long)parent, nameSpace == Dos ? null : name);
    }
}
