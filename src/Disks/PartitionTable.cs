using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Run;

namespace Azprovision.Disks;

/// <summary>What a disk is divided into, by its MBR or, where that says so, its GPT.</summary>
internal static class PartitionTable
{
    private const int Entries = 446;
    private const int EntrySize = 16;
    private const byte Ntfs = 7;
    private const byte Protective = 0xEE;

    /// <summary>In the order of their places; null: the disk has no table.</summary>
    internal static IReadOnlyList<Partition>? TryRead(Disc disk, int sectorSize)
    {
        byte[] sector = disk.Read(0, 512, "MBR");
        bool hasGpt = Gpt.IsThere(disk, sectorSize);
        if (sector[510] != 0x55 || sector[511] != 0xAA)
        {
            return hasGpt ? throw new InvalidDataException("there is a GPT without its protective MBR") : null;
        }

        List<Partition> partitions = [];
        for (int at = Entries; at < 510; at += EntrySize)
        {
            var entry = new ByteReader(sector.AsSpan(at, EntrySize), "MBR");
            if (entry.Bytes(EntrySize).IndexOfAnyExcept((byte)0) < 0)
            {
                continue;
            }

            entry.Seek(4);
            byte type = entry.Byte();
            entry.Seek(8);
            long start = entry.UInt32LittleEndian();
            long count = entry.UInt32LittleEndian();
            partitions.Add(new Partition(
                type switch
                {
                    Ntfs => PartitionKind.BasicData,
                    Protective => PartitionKind.Protective,
                    _ => PartitionKind.Other,
                },
                "",
                start * sectorSize,
                count * sectorSize));
        }

        bool isProtective = partitions.Exists(one => one.Kind == PartitionKind.Protective);
        if (isProtective != hasGpt || (isProtective && partitions.Count > 1))
        {
            throw new InvalidDataException("MBR and GPT contradict each other");
        }

        return hasGpt ? Gpt.Read(disk, sectorSize) : partitions;
    }
}

internal enum PartitionKind
{
    Other,

    /// <summary>What Windows would look into: NTFS or FAT.</summary>
    BasicData,

    /// <summary>Space that Windows keeps free on a disk with GPT.</summary>
    Reserved,

    Linux,

    /// <summary>The whole disk, in an MBR that points to a GPT.</summary>
    Protective,
}

/// <param name="Name">GPT has one</param>
/// <param name="Start">in bytes, as the length</param>
internal sealed record Partition(PartitionKind Kind, string Name, long Start, long Length);
