using System;
using System.IO;
using System.Numerics;
using Azprovision.Run;

namespace Azprovision.Disks;

/// <summary>An NTFS file system on a part of a disk, read without the kernel's help and without a lookup of any name.</summary>
internal sealed class NtfsVolume
{
    private const int MaxClusterSize = 2 << 20;
    private const int MaxRecordSize = 4096;

    private readonly Disc _disk;
    private readonly long _start;
    private readonly int _clusterSize;
    private readonly NtfsAttribute _table;

    /// <param name="start">of the partition, in bytes</param>
    internal NtfsVolume(Disc disk, long start, long length)
    {
        _disk = disk;
        _start = start;
        var boot = new ByteReader(disk.Read(start, 512, "NTFS boot sector"), "NTFS boot sector");
        boot.Skip(3);
        if (!boot.Bytes(8).SequenceEqual("NTFS    "u8))
        {
            throw new InvalidDataException("the partition has no NTFS");
        }

        int sectorSize = boot.UInt16LittleEndian();
        int sectorsPerCluster = PowerIfNegative(boot.Byte());
        boot.Seek(40);
        ulong sectors = boot.UInt64LittleEndian();
        ulong table = boot.UInt64LittleEndian();
        boot.Seek(64);
        int recordSize = (sbyte)boot.Byte();
        if (sectorSize is not (512 or 1024 or 2048 or 4096) || !BitOperations.IsPow2(sectorsPerCluster)
            || sectorsPerCluster > MaxClusterSize / sectorSize || sectors == 0 || sectors > (ulong)(length / sectorSize))
        {
            throw new InvalidDataException(
                $"NTFS: {sectors} sectors of {sectorSize} bytes, {sectorsPerCluster} a cluster, in {length} bytes");
        }

        _clusterSize = sectorSize * sectorsPerCluster;
        Length = (long)sectors * sectorSize;
        Clusters = (long)sectors / sectorsPerCluster;
        RecordSize = recordSize > 0 ? recordSize * _clusterSize : 1 << -recordSize;
        if (RecordSize is < 512 or > MaxRecordSize || !BitOperations.IsPow2(RecordSize) || table >= (ulong)Clusters)
        {
            throw new InvalidDataException($"NTFS: file records of {RecordSize} bytes at cluster {table} of {Clusters}");
        }

        byte[] first = disk.Read(start + ((long)table * _clusterSize), RecordSize, "NTFS file table");
        NtfsRecord record = NtfsRecord.Parse(first, Clusters) ?? throw new InvalidDataException("NTFS: no file table");
        _table = record.Find(NtfsAttribute.Data) ?? throw new InvalidDataException("NTFS: the file table has no data");
        Records = _table.Initialized / RecordSize;
    }

    /// <summary>In bytes; the partition may be a little longer.</summary>
    internal long Length { get; }

    internal long Clusters { get; }

    internal int RecordSize { get; }

    /// <summary>How many file records have ever been written.</summary>
    internal long Records { get; }

    internal NtfsRecord? ReadRecord(long number)
    {
        byte[] bytes = new byte[RecordSize];
        Read(_table, number * RecordSize, bytes);
        return NtfsRecord.Parse(bytes, Clusters);
    }

    /// <summary>Reads from the content of an attribute.</summary>
    internal void Read(NtfsAttribute attribute, long offset, Span<byte> bytes)
    {
        if (offset > attribute.Size - bytes.Length)
        {
            throw new InvalidDataException($"NTFS: a system file has {attribute.Size} bytes, no byte {offset}");
        }

        if (attribute.Value is { } value)
        {
            value.AsSpan((int)offset, bytes.Length).CopyTo(bytes);
            return;
        }

        // Nothing that is read here is left unwritten by a system that made the file system.
        if (offset > attribute.Initialized - bytes.Length)
        {
            throw new InvalidDataException($"NTFS: of a system file {attribute.Initialized} bytes are written, not byte {offset}");
        }

        while (!bytes.IsEmpty)
        {
            (long place, long count) = attribute.Runs!.Locate(offset, _clusterSize);
            int part = (int)Math.Min(count, bytes.Length);
            _disk.Read(_start + place, bytes[..part], "NTFS");
            bytes = bytes[part..];
            offset += part;
        }
    }

    // Above 128 sectors a cluster the byte is a negative power of two.
    private static int PowerIfNegative(byte value) => value <= 128 ? value : 1 << Math.Min(256 - value, 30);
}
