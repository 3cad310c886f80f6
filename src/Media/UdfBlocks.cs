using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Run;

namespace Azprovision.Media;

/// <summary>The blocks of a UDF volume, addressed as the file structures do: block of a partition.</summary>
internal sealed class UdfBlocks(Disc disc, int size)
{
    /// <summary>The bits of an extent's length that are the length; the two above say what it is.</summary>
    internal const uint LengthMask = 0x3FFF_FFFF;

    private readonly List<UdfPartition?> _partitions = [];

    /// <summary>Bytes in a block, which is a sector of the disc (UDF 2.2.4.2).</summary>
    internal int Size => size;

    internal long SectorCount => disc.Length / size;

    /// <summary>Gives the next partition reference number a meaning; null: not known yet.</summary>
    internal void Add(UdfPartition? partition) => _partitions.Add(partition);

    internal void Replace(int reference, UdfPartition partition) => _partitions[reference] = partition;

    internal UdfPartition Partition(int reference) =>
        reference < _partitions.Count && _partitions[reference] is { } partition
            ? partition
            : throw new InvalidDataException($"UDF: there is no partition {reference}");

    internal byte[] ReadSector(long sector, string what) => disc.Read(sector * size, size, $"UDF: {what}");

    internal byte[] ReadSectors(long sector, int count, string what) => disc.Read(sector * size, count, $"UDF: {what}");

    internal byte[] ReadBlock(UdfPartition partition, uint block, string what) =>
        ReadSector(partition.Find(block).Sector, what);

    /// <summary>Reads bytes from the start of a block on, over as many blocks as it takes.</summary>
    internal void Read(UdfPartition partition, uint block, Span<byte> bytes, string what)
    {
        while (bytes.Length > 0)
        {
            (long sector, uint count) = partition.Find(block);
            int length = (int)Math.Min(bytes.Length, (long)count * size);
            disc.Read(sector * size, bytes[..length], $"UDF: {what}");
            bytes = bytes[length..];
            block += count;
        }
    }

    /// <summary>A long allocation descriptor, as addresses of ICBs are written (ECMA-167 4/14.14.2).</summary>
    internal UdfExtent ReadLongDescriptor(ref ByteReader reader)
    {
        uint length = reader.UInt32LittleEndian() & LengthMask;
        uint block = reader.UInt32LittleEndian();
        int reference = reader.UInt16LittleEndian();
        reader.Skip(6);
        return new UdfExtent(length, block, length == 0 ? null : Partition(reference));
    }
}
