using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Numerics;
using System.Runtime.InteropServices;
using Azprovision.Spec;

namespace Azprovision.Disks;

/// <summary>
/// Whether an NTFS file system holds nothing but what the platform puts on a resource disk. Every record of the file table
/// is looked at, whichever directory it is in, and what is not known is somebody's data. The two bitmaps are the second
/// witness: no record and no cluster may be in use that the first did not account for.
/// </summary>
internal static class PlatformNtfs
{
    private const long RootDirectory = 5;
    private const long ExtendDirectory = 11;
    private const long FirstReserved = 12;   // to 23: without name and data, some marked as in use
    private const long FirstOther = 24;
    private const long MaxRecords = 1 << 16;   // a disk with a larger table has had a life
    private const int MaxFileSize = 64 << 10;
    private const int MaxBitmapPiece = 1 << 20;

    // The records up to $Extend always are these, in this order.
    private static readonly string[] s_systemFiles =
    [
        "$MFT", "$MFTMirr", "$LogFile", "$Volume", "$AttrDef", ".", "$Bitmap", "$Boot", "$BadClus", "$Secure", "$UpCase", "$Extend",
    ];

    private static readonly string[] s_systemStreams =
    [
        "", "$Bad", "$SDS", "$Info", "$SRAT", "$J", "$Max", "$Config", "$Corrupt", "$Verify", "$T",
    ];

    private static readonly string[] s_inExtend = ["$ObjId", "$Quota", "$Reparse", "$UsnJrnl", "$RmMetadata", "$Deleted"];
    private static readonly string[] s_inResourceManager = ["$Repair", "$TxfLog", "$Txf"];
    private static readonly string[] s_inTransactionLog =
    [
        "$Tops", "$TxfLog.blf", "$TxfLogContainer00000000000000000001", "$TxfLogContainer00000000000000000002",
    ];

    // Compared without case, as Windows would.
    private static readonly string[] s_inRoot = ["DATALOSS_WARNING_README.txt", SystemVolumeInformation];

    // Made by a Windows that only has the volume mounted.
    private static readonly string[] s_inSystemVolumeInformation =
    [
        "IndexerVolumeGuid", "WPSettings.dat", "tracking.log", "MountPointManagerRemoteDatabase",
        "{3808876b-c176-4e48-b7ae-04046e6cc752}", "AadRecoveryPasswordDelete", "ClientRecoveryPasswordRotation",
    ];

    private const string SystemVolumeInformation = "System Volume Information";

    /// <summary>Throws InvalidDataException that says what else is there, or that cannot be told because of damage.</summary>
    internal static void Check(NtfsVolume volume)
    {
        if (volume.Records is <= FirstOther or > MaxRecords)
        {
            throw new InvalidDataException($"NTFS: the file table has {volume.Records} records");
        }

        var records = new NtfsRecord?[volume.Records];
        for (int i = 0; i < records.Length; i++)
        {
            records[i] = volume.ReadRecord(i);
        }

        CheckRecordBitmap(volume, records);
        long allocated = 0;
        for (int i = 0; i < records.Length; i++)
        {
            if (records[i] is { IsInUse: true } record)
            {
                CheckRecord(i, record, records);
                foreach (NtfsAttribute attribute in record.Attributes)
                {
                    allocated += attribute.Runs?.Allocated ?? 0;
                }
            }
            else if (i < FirstReserved)
            {
                throw new InvalidDataException($"NTFS: '{s_systemFiles[i]}' (file {i}) is not there");
            }
        }

        if (CountClusters(volume, records[6]!) is var inUse && inUse != allocated)
        {
            throw new InvalidDataException($"NTFS: {inUse} clusters are in use, {allocated} of them by known files");
        }
    }

    private static void CheckRecord(int number, NtfsRecord record, NtfsRecord?[] records)
    {
        string[] names = NamesOf(record, out long parent);
        string name = names.Length == 1 ? names[0] : "";
        if (record.IsExtension || names.Length > 1)
        {
            throw Foreign(number, name);
        }

        if (number < FirstReserved)
        {
            if (name != s_systemFiles[number] || parent != RootDirectory || !HasOnlySystemStreams(record)
                || (number == 3 && IsDirty(record)))
            {
                throw Foreign(number, name);
            }
        }
        else if (number < FirstOther)
        {
            if (names.Length > 0 || SizeOf(record) > 0)
            {
                throw Foreign(number, name);
            }
        }
        else if (!IsSystemFile(name, parent, records) || !HasOnlySystemStreams(record))
        {
            CheckOrdinary(number, name, parent, record, records);
        }
    }

    // Files without a name, and with several (hard links), are not among those that are known.
    private static string[] NamesOf(NtfsRecord record, out long parent)
    {
        var names = new List<string>();
        parent = -1;
        foreach (NtfsAttribute attribute in record.Attributes)
        {
            if (attribute.Type == NtfsAttribute.FileName)
            {
                (long directory, string? name) = attribute.AsFileName();
                if (name is not null)
                {
                    names.Add(name);
                    parent = directory;
                }
            }
        }

        return [.. names];
    }

    private static bool IsSystemFile(string name, long parent, NtfsRecord?[] records)
    {
        if (parent == ExtendDirectory)
        {
            return Array.IndexOf(s_inExtend, name) >= 0;
        }

        if (parent < FirstOther || parent >= records.Length || records[parent] is not { IsInUse: true } directory)
        {
            return false;
        }

        string[] names = NamesOf(directory, out long grandparent);
        string directoryName = names.Length == 1 ? names[0] : "";
        if (grandparent == ExtendDirectory)
        {
            return directoryName == "$RmMetadata" && Array.IndexOf(s_inResourceManager, name) >= 0;
        }

        return directoryName == "$TxfLog" && Array.IndexOf(s_inTransactionLog, name) >= 0
            && IsSystemFile(directoryName, grandparent, records);
    }

    private static bool HasOnlySystemStreams(NtfsRecord record)
    {
        foreach (NtfsAttribute attribute in record.Attributes)
        {
            if (attribute.Type == NtfsAttribute.Data && Array.IndexOf(s_systemStreams, attribute.Name) < 0)
            {
                return false;
            }
        }

        return true;
    }

    private static void CheckOrdinary(int number, string name, long parent, NtfsRecord record, NtfsRecord?[] records)
    {
        string[] known = parent == RootDirectory ? s_inRoot
            : parent >= FirstOther && parent < records.Length && records[parent] is { IsInUse: true } directory
                && NamesOf(directory, out long grandparent) is [var directoryName] && grandparent == RootDirectory
                && directoryName.Equals(SystemVolumeInformation, StringComparison.OrdinalIgnoreCase)
                ? s_inSystemVolumeInformation
                : [];
        int most = name.Equals(SystemVolumeInformation, StringComparison.OrdinalIgnoreCase) ? 0 : MaxFileSize;
        if (!Array.Exists(known, one => one.Equals(name, StringComparison.OrdinalIgnoreCase)) || SizeOf(record) > most)
        {
            throw Foreign(number, name);
        }

        foreach (NtfsAttribute attribute in record.Attributes)
        {
            bool isPlain = attribute.Type switch
            {
                NtfsAttribute.StandardInformation or NtfsAttribute.FileName or NtfsAttribute.ObjectId
                    or NtfsAttribute.SecurityDescriptor => true,
                NtfsAttribute.Data => attribute.Name.Length == 0,
                NtfsAttribute.IndexRoot or NtfsAttribute.IndexAllocation or NtfsAttribute.Bitmap => attribute.Name == "$I30",
                NtfsAttribute.LoggedUtilityStream => attribute.Name == "$TXF_DATA",
                _ => false,
            };
            if (!isPlain)
            {
                throw Foreign(number, $"{name}:{attribute.Name}");
            }
        }
    }

    private static long SizeOf(NtfsRecord record) => record.Find(NtfsAttribute.Data)?.Size ?? 0;

    // Its journal may hold what is not in the table yet.
    private static bool IsDirty(NtfsRecord volume) =>
        volume.Find(NtfsAttribute.VolumeInformation)?.Value is not { Length: >= 12 } information || (information[10] & 1) != 0;

    private static void CheckRecordBitmap(NtfsVolume volume, NtfsRecord?[] records)
    {
        NtfsAttribute bitmap = records[0]?.Find(NtfsAttribute.Bitmap) ?? throw new InvalidDataException("NTFS: no bitmap of records");
        byte[] bits = new byte[Math.Min(bitmap.Initialized, MaxBitmapPiece)];
        volume.Read(bitmap, 0, bits);
        for (long i = 0; i < bits.LongLength * 8; i++)
        {
            bool isMarked = (bits[i / 8] & (1 << (int)(i % 8))) != 0;
            bool isInUse = i < records.Length && records[i] is { IsInUse: true };
            if (isMarked != isInUse && (i >= FirstOther || i < FirstReserved))
            {
                throw new InvalidDataException($"NTFS: file record {i} is in use and free at the same time");
            }
        }
    }

    private static long CountClusters(NtfsVolume volume, NtfsRecord bitmapFile)
    {
        NtfsAttribute bitmap = bitmapFile.Find(NtfsAttribute.Data) ?? throw new InvalidDataException("NTFS: no bitmap of clusters");
        long bytes = (volume.Clusters + 63) / 64 * 8;
        byte[] piece = new byte[Math.Min(bytes, MaxBitmapPiece)];
        long count = 0;
        for (long at = 0; at < bytes; at += piece.Length)
        {
            Span<byte> part = piece.AsSpan(0, (int)Math.Min(piece.Length, bytes - at));
            volume.Read(bitmap, at, part);
            foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(part))
            {
                count += BitOperations.PopCount(word);
            }
        }

        // The bits beyond the last cluster are set, so that nobody takes those.
        int beyond = (int)((bytes * 8) - volume.Clusters);
        return beyond == 0 ? count : count - BitOperations.PopCount(
            BinaryPrimitives.ReadUInt64LittleEndian(piece.AsSpan((int)((bytes - 8) % piece.Length))) >> (64 - beyond));
    }

    private static InvalidDataException Foreign(int number, string name) =>
        new($"NTFS: '{Printable.Of(name)}' (file {number}) is not the platform's");
}
