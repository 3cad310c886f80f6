using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Run;

namespace Azprovision.Media;

/// <summary>
/// Turns the partition maps of a logical volume into partitions: plain (ECMA-167 3/10.7.2), virtual, sparable and
/// metadata (UDF 2.2.8 to 2.2.10).
/// </summary>
/// <param name="descriptors">the partition descriptors by partition number</param>
internal sealed class UdfPartitionMaps(UdfBlocks blocks, IReadOnlyDictionary<ushort, byte[]> descriptors)
{
    private const int MaxMaps = 8;
    private const int MaxTableSize = 1 << 19;
    private const int MaxRuns = 1 << 17;   // of all partitions: a metadata file multiplies those that it lies in
    private const uint Unused = uint.MaxValue;

    private readonly Dictionary<ushort, UdfPartition> _real = [];
    private int _runs;

    internal void Read(ReadOnlySpan<byte> table, uint count)
    {
        if (count > MaxMaps)
        {
            throw new InvalidDataException($"UDF: there are {count} partition maps, at most {MaxMaps} are read");
        }

        // Virtual and metadata partitions are files of another one, which may come behind them.
        var later = new List<(int Reference, byte[] Map)>();
        var reader = new ByteReader(table, "UDF: the partition maps");
        for (int i = 0; i < count; i++)
        {
            int start = reader.Position;
            int type = reader.Byte();
            int length = reader.Byte();
            reader.Seek(start);
            byte[] map = reader.Bytes(length).ToArray();
            switch (type, length)
            {
                case (1, 6):
                    ushort plain = BinaryPrimitives.ReadUInt16LittleEndian(map.AsSpan(4));
                    AddReal(plain, new UdfPartition([Plain(plain)]));
                    break;
                case (2, 64) when NameOf(map) == "*UDF Sparable Partition":
                    AddReal(NumberOf(map), Sparable(map));
                    break;
                case (2, 64):
                    blocks.Add(null);
                    later.Add((i, map));
                    break;
                default:
                    throw new InvalidDataException($"UDF: a partition map has type {type} and {length} bytes");
            }
        }

        foreach ((int reference, byte[] map) in later)
        {
            blocks.Replace(reference, NameOf(map) switch
            {
                "*UDF Virtual Partition" => Virtual(map),
                "*UDF Metadata Partition" => Metadata(map),
                string name => throw new InvalidDataException(
                    $"UDF: the partition type '{Spec.Printable.Of(name)}' is not known"),
            });
        }
    }

    // The name in the entity identifier of a type 2 map.
    private static string NameOf(byte[] map) => Encoding.Latin1.GetString(map.AsSpan(5, 23)).TrimEnd('\0');

    private static ushort NumberOf(byte[] map) => BinaryPrimitives.ReadUInt16LittleEndian(map.AsSpan(38));

    private void AddReal(ushort number, UdfPartition partition)
    {
        _real[number] = partition;
        blocks.Add(partition);
    }

    private UdfRun Plain(ushort number)
    {
        if (!descriptors.TryGetValue(number, out byte[]? descriptor))
        {
            throw new InvalidDataException($"UDF: partition {number} has no descriptor");
        }

        var reader = new ByteReader(descriptor, "UDF: a partition descriptor");
        reader.Seek(188);
        uint start = reader.UInt32LittleEndian();
        return new UdfRun(0, reader.UInt32LittleEndian(), start);
    }

    // Packets that went bad are named in a sparing table with the sector that replaces them (UDF 2.2.11).
    private UdfPartition Sparable(byte[] map)
    {
        UdfRun plain = Plain(NumberOf(map));
        var reader = new ByteReader(map, "UDF: the sparable partition map");
        reader.Seek(40);
        uint packet = reader.UInt16LittleEndian();
        int tables = reader.Byte();
        reader.Skip(1);
        uint size = reader.UInt32LittleEndian();
        if (packet == 0 || tables is 0 or > 4 || size > MaxTableSize)
        {
            throw new InvalidDataException(
                $"UDF: a sparable partition has packets of {packet} blocks and {tables} tables of {size} bytes");
        }

        InvalidDataException? first = null;
        for (int i = 0; i < tables; i++)
        {
            uint sector = reader.UInt32LittleEndian();
            try
            {
                return new UdfPartition(Spared(plain, packet, blocks.ReadSectors(sector, (int)size, "a sparing table"), sector));
            }
            catch (InvalidDataException e)
            {
                first ??= e;   // the tables are copies of each other
            }
        }

        throw first!;
    }

    private List<UdfRun> Spared(UdfRun plain, uint packet, byte[] table, uint sector)
    {
        UdfTag.Check(table, UdfTag.SparingTable, sector, "a sparing table");
        var reader = new ByteReader(table, "UDF: a sparing table");
        reader.Seek(48);
        int count = reader.UInt16LittleEndian();
        reader.Seek(56);
        var spared = new SortedDictionary<uint, uint>();
        for (int i = 0; i < count; i++)
        {
            uint original = reader.UInt32LittleEndian();
            uint replacement = reader.UInt32LittleEndian();
            const uint FirstReserved = 0xFFFF_FFF0;
            if (original < FirstReserved && original % packet == 0 && original < plain.Count)
            {
                spared[original] = replacement;
            }
        }

        var runs = new List<UdfRun>();
        uint next = 0;
        foreach ((uint original, uint replacement) in spared)
        {
            if (original > next)
            {
                Add(runs, new UdfRun(next, original - next, plain.Sector + next));
            }

            uint length = Math.Min(packet, plain.Count - original);
            Add(runs, new UdfRun(original, length, replacement));
            next = original + length;
        }

        if (next < plain.Count)
        {
            Add(runs, new UdfRun(next, plain.Count - next, plain.Sector + next));
        }

        return runs;
    }

    // The metadata file or, if it is damaged, its mirror holds the blocks of the partition in order (UDF 2.2.13).
    private UdfPartition Metadata(byte[] map)
    {
        if (!_real.TryGetValue(NumberOf(map), out UdfPartition? real))
        {
            throw new InvalidDataException($"UDF: the metadata lie in partition {NumberOf(map)}, which is not there");
        }

        var reader = new ByteReader(map, "UDF: the metadata partition map");
        reader.Seek(40);
        uint main = reader.UInt32LittleEndian();
        uint mirror = reader.UInt32LittleEndian();
        try
        {
            return MetadataFile(real, main);
        }
        catch (InvalidDataException) when (mirror != main && mirror != Unused)
        {
            return MetadataFile(real, mirror);
        }
    }

    private UdfPartition MetadataFile(UdfPartition real, uint block)
    {
        var runs = new List<UdfRun>();
        uint next = 0;
        foreach (UdfExtent extent in UdfFile.Open(blocks, EntryAt(real, block), "the metadata file").Extents)
        {
            uint left = extent.Length / (uint)blocks.Size;
            uint from = extent.Block;
            while (left > 0)
            {
                if (extent.Partition is not { } partition)
                {
                    next += left;
                    break;
                }

                (long sector, uint count) = partition.Find(from);
                count = Math.Min(count, left);
                Add(runs, new UdfRun(next, count, sector));
                next += count;
                from += count;
                left -= count;
            }
        }

        return new UdfPartition(runs);
    }

    // The entry of the virtual allocation table is the last block that was written (UDF 2.2.10). On a disc of which the
    // drive reports some blocks more (run-out, padding), it lies that much before the end.
    private UdfPartition Virtual(byte[] map)
    {
        const int MaxPadding = 160;
        const int MaxTries = 4;
        int tries = 0;
        UdfRun plain = Plain(NumberOf(map));
        var home = new UdfPartition([plain]);
        InvalidDataException? first = null;
        for (long sector = blocks.SectorCount - 1; sector >= blocks.SectorCount - MaxPadding; sector--)
        {
            long block = sector - plain.Sector;
            if (block < 0 || block >= plain.Count)
            {
                continue;
            }

            byte[] entry = blocks.ReadSector(sector, "the virtual allocation table");
            if (UdfTag.KindOf(entry) is not (UdfTag.FileEntry or UdfTag.ExtendedFileEntry)
                || !UdfTag.IsValid(entry, (uint)block)
                || ++tries > MaxTries)
            {
                continue;
            }

            try
            {
                UdfFile file = UdfFile.Open(blocks, EntryAt(home, (uint)block), "the virtual allocation table");
                return VirtualTable(home, file.Type, file.ReadAll(MaxTableSize));
            }
            catch (InvalidDataException e)
            {
                first ??= e;
            }
        }

        throw first ?? new InvalidDataException("UDF: there is not a virtual allocation table at the end of the disc");
    }

    private UdfPartition VirtualTable(UdfPartition home, int fileType, byte[] table)
    {
        const int TypeOfRevision2 = 248;
        int start = 0;
        int end = table.Length;
        if (fileType == TypeOfRevision2)
        {
            start = new ByteReader(table, "UDF: the virtual allocation table").UInt16LittleEndian();
        }
        else
        {
            // Revision 1.50 has no header, but at the end an entity identifier and the address of the table before.
            end -= 36;
            if (end < 0 || !table.AsSpan(end + 1, 22).SequenceEqual("*UDF Virtual Alloc Tbl"u8))
            {
                throw new InvalidDataException("UDF: the last file of the disc is not a virtual allocation table");
            }
        }

        var runs = new List<UdfRun>();
        uint block = 0;
        for (int at = start; at + 4 <= end; at += 4, block++)
        {
            uint real = BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(at));
            if (real != Unused)
            {
                Add(runs, new UdfRun(block, 1, home.Find(real).Sector));
            }
        }

        return new UdfPartition(runs);
    }

    private void Add(List<UdfRun> runs, UdfRun run)
    {
        if (++_runs > MaxRuns)
        {
            throw new InvalidDataException($"UDF: the partitions are in more than {MaxRuns} pieces");
        }

        runs.Add(run);
    }

    private static UdfExtent EntryAt(UdfPartition partition, uint block) => new(1, block, partition);
}
