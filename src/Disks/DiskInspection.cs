using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Disks;

/// <summary>Decides what there is on a resource disk, by reading it. Only a fresh one may ever be formatted.</summary>
internal static class DiskInspection
{
    /// <summary>The name of the partition while its file system is being made, and when it is there.</summary>
    internal const string UnfinishedName = $"{Product.Name} (unfinished)";
    internal const string FinishedName = Product.Name;

    // The platform's partition fills the disk: there is no room for another one that is only missing in the table.
    private const long MostUncovered = 128 << 20;
    private const int MaxReserved = 128 << 20;
    private const int Piece = 1 << 20;
    private const int BlankEdge = 4 << 20;
    private const int Samples = 256;

    /// <param name="mayBeBlank">a local NVMe disk comes without partitions</param>
    internal static DiskContents Inspect(Disc disk, int sectorSize, bool mayBeBlank)
    {
        IReadOnlyList<Partition>? partitions = PartitionTable.TryRead(disk, sectorSize);
        switch (partitions)
        {
            case null when mayBeBlank && IsBlank(disk):
                return DiskContents.Fresh;
            case null:
                throw new InvalidDataException("it has no partition table, but data");
            case [{ Name: FinishedName }]:
                return DiskContents.Ours;
            case [{ Name: UnfinishedName } one]
                when one == Gpt.PartitionOf(disk.Length, sectorSize, UnfinishedName):
                return DiskContents.Unfinished;
            case [{ Kind: PartitionKind.BasicData } only]:
                CheckNtfs(disk, only, 0);
                return DiskContents.Fresh;
            case [{ Kind: PartitionKind.Reserved } reserved, { Kind: PartitionKind.BasicData } second]:
                CheckReserved(disk, reserved);
                CheckNtfs(disk, second, reserved.Length);
                return DiskContents.Fresh;
            default:
                throw new InvalidDataException($"its {partitions.Count} partition(s) are not the platform's");
        }
    }

    private static void CheckNtfs(Disc disk, Partition partition, long reserved)
    {
        var volume = new NtfsVolume(disk, partition.Start, partition.Length);
        if (disk.Length - volume.Length - reserved > MostUncovered)
        {
            throw new InvalidDataException($"its NTFS covers {volume.Length} bytes of {disk.Length} only");
        }

        PlatformNtfs.Check(volume);
    }

    private static void CheckReserved(Disc disk, Partition reserved)
    {
        if (reserved.Length > MaxReserved)
        {
            throw new InvalidDataException($"its reserved partition has {reserved.Length} bytes");
        }

        CheckZeros(disk, reserved.Start, reserved.Length);
    }

    // Every file system and volume manager has its mark near one of the ends; what has none was written all over.
    private static bool IsBlank(Disc disk)
    {
        try
        {
            CheckZeros(disk, 0, Math.Min(BlankEdge, disk.Length));
            CheckZeros(disk, Math.Max(0, disk.Length - BlankEdge), Math.Min(BlankEdge, disk.Length));
            for (int i = 1; i < Samples; i++)
            {
                CheckZeros(disk, disk.Length / Samples * i, Math.Min(4096, disk.Length / Samples));
            }

            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static void CheckZeros(Disc disk, long start, long length)
    {
        byte[] piece = new byte[Math.Min(Piece, length)];
        for (long at = 0; at < length; at += piece.Length)
        {
            Span<byte> part = piece.AsSpan(0, (int)Math.Min(piece.Length, length - at));
            disk.Read(start + at, part, "disk");
            if (part.IndexOfAnyExcept((byte)0) >= 0)
            {
                throw new InvalidDataException("there are data outside its file system");
            }
        }
    }
}
