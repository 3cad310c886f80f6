using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Run;

namespace Azprovision.Disks;

/// <summary>A GUID partition table (UEFI 2.10 5.3).</summary>
internal static class Gpt
{
    private const int HeaderSize = 92;
    private const int EntrySize = 128;
    private const int EntryCount = 128;
    private const int MaxTable = 1 << 20;
    private const int NameLength = 36;
    private const int Alignment = 1 << 20;

    private static readonly Guid s_basicData = new("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7");
    private static readonly Guid s_reserved = new("e3c9e316-0b5c-4db8-817d-f92df00215ae");
    private static readonly Guid s_linux = new("0fc63daf-8483-4772-8e79-3d69d8477de4");

    private static ReadOnlySpan<byte> Signature => "EFI PART"u8;

    internal static bool IsThere(Disc disk, int sectorSize) =>
        disk.Read(sectorSize, Signature.Length, "GPT").AsSpan().SequenceEqual(Signature);

    internal static IReadOnlyList<Partition> Read(Disc disk, int sectorSize)
    {
        byte[] sector = disk.Read(sectorSize, 512, "GPT");
        var header = new ByteReader(sector, "GPT");
        header.Seek(12);
        uint size = header.UInt32LittleEndian();
        uint checksum = header.UInt32LittleEndian();
        header.Seek(72);
        ulong entries = header.UInt64LittleEndian();
        uint count = header.UInt32LittleEndian();
        uint entrySize = header.UInt32LittleEndian();
        uint tableChecksum = header.UInt32LittleEndian();
        if (size is < HeaderSize or > 512)
        {
            throw new InvalidDataException($"GPT: its header has {size} bytes");
        }

        sector.AsSpan(16, 4).Clear();   // the checksum is over a header with zeros in its place
        if (Crc32.Of(sector.AsSpan(0, (int)size)) != checksum)
        {
            throw new InvalidDataException("GPT: its header is damaged");
        }

        if (entrySize < EntrySize || (ulong)entrySize * count > MaxTable || entries > (ulong)(disk.Length / sectorSize))
        {
            throw new InvalidDataException($"GPT: {count} entries of {entrySize} bytes at sector {entries}");
        }

        byte[] table = disk.Read((long)entries * sectorSize, (int)(entrySize * count), "GPT");
        if (Crc32.Of(table) != tableChecksum)
        {
            throw new InvalidDataException("GPT: its table is damaged");
        }

        var partitions = new List<Partition>();
        for (int at = 0; at < table.Length; at += (int)entrySize)
        {
            if (ParseEntry(table.AsSpan(at, EntrySize), disk.Length, sectorSize) is { } partition)
            {
                partitions.Add(partition);
            }
        }

        partitions.Sort((one, other) => one.Start.CompareTo(other.Start));
        return partitions;
    }

    /// <summary>A table for the whole disk with one partition of Linux: what goes to its begin and, for the backup, its end.</summary>
    /// <param name="ids">of the disk and of the partition</param>
    internal static (byte[] Head, byte[] Tail) Make(long diskLength, int sectorSize, string name, (Guid Disk, Guid Partition) ids)
    {
        const int TableSize = EntrySize * EntryCount;
        long sectors = diskLength / sectorSize;
        long tableSectors = TableSize / sectorSize;
        long lastUsable = sectors - tableSectors - 2;
        Partition partition = PartitionOf(diskLength, sectorSize, name);

        byte[] table = new byte[TableSize];
        s_linux.TryWriteBytes(table);
        ids.Partition.TryWriteBytes(table.AsSpan(16));
        BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(32), partition.Start / sectorSize);
        BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(40), ((partition.Start + partition.Length) / sectorSize) - 1);
        Encoding.Unicode.GetBytes(name, table.AsSpan(56, 2 * NameLength));

        byte[] head = new byte[((2 + tableSectors) * sectorSize)];
        WriteProtectiveMbr(head, sectors);
        WriteHeader(head.AsSpan(sectorSize), here: 1, other: sectors - 1, tableAt: 2);
        table.CopyTo(head, 2 * sectorSize);
        byte[] tail = new byte[(tableSectors + 1) * sectorSize];
        table.CopyTo(tail, 0);
        WriteHeader(tail.AsSpan(TableSize), here: sectors - 1, other: 1, tableAt: lastUsable + 1);
        return (head, tail);

        void WriteHeader(Span<byte> header, long here, long other, long tableAt)
        {
            Signature.CopyTo(header);
            BinaryPrimitives.WriteUInt32LittleEndian(header[8..], 0x10000);   // revision 1.0
            BinaryPrimitives.WriteUInt32LittleEndian(header[12..], HeaderSize);
            BinaryPrimitives.WriteInt64LittleEndian(header[24..], here);
            BinaryPrimitives.WriteInt64LittleEndian(header[32..], other);
            BinaryPrimitives.WriteInt64LittleEndian(header[40..], 2 + tableSectors);
            BinaryPrimitives.WriteInt64LittleEndian(header[48..], lastUsable);
            ids.Disk.TryWriteBytes(header[56..]);
            BinaryPrimitives.WriteInt64LittleEndian(header[72..], tableAt);
            BinaryPrimitives.WriteInt32LittleEndian(header[80..], EntryCount);
            BinaryPrimitives.WriteInt32LittleEndian(header[84..], EntrySize);
            BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32.Of(table));
            BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32.Of(header[..HeaderSize]));
        }
    }

    /// <summary>The partition of <see cref="Make"/>: all of the disk between the tables, on whole mebibytes.</summary>
    internal static Partition PartitionOf(long diskLength, int sectorSize, string name)
    {
        long end = (diskLength - (EntrySize * EntryCount) - sectorSize) / Alignment * Alignment;
        return end <= Alignment
            ? throw new InvalidDataException($"a disk of {diskLength} bytes is too small")
            : new Partition(PartitionKind.Linux, name, Alignment, end - Alignment);
    }

    private static Partition? ParseEntry(ReadOnlySpan<byte> entry, long diskLength, int sectorSize)
    {
        var type = new Guid(entry[..16]);
        if (type == Guid.Empty)
        {
            return null;
        }

        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
        ulong last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);
        if (first > last || last >= (ulong)(diskLength / sectorSize))
        {
            throw new InvalidDataException($"GPT: a partition from sector {first} to {last}");
        }

        PartitionKind kind = type == s_basicData ? PartitionKind.BasicData
            : type == s_reserved ? PartitionKind.Reserved
            : type == s_linux ? PartitionKind.Linux
            : PartitionKind.Other;
        string name = Encoding.Unicode.GetString(entry.Slice(56, 2 * NameLength)).TrimEnd('\0');
        return new Partition(kind, name, (long)first * sectorSize, (long)(last - first + 1) * sectorSize);
    }

    // One entry over the whole disk (UEFI 2.10 5.2.3), or as much of it as 32 bits can say.
    private static void WriteProtectiveMbr(Span<byte> sector, long sectors)
    {
        Span<byte> entry = sector[446..];
        entry[2] = 2;      // CHS 0/0/2
        entry[4] = 0xEE;
        entry[5..8].Fill(0xFF);
        entry[8] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], (uint)Math.Min(sectors - 1, uint.MaxValue));
        sector[510] = 0x55;
        sector[511] = 0xAA;
    }
}
