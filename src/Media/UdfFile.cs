using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using Azprovision.Run;

namespace Azprovision.Media;

/// <summary>A file or directory as its file entry tells of it (ECMA-167 4/14.9 and 4/14.17).</summary>
internal sealed class UdfFile
{
    internal const byte DirectoryType = 4;

    private const int MaxIndirections = 64;
    private const int MaxContinuations = 128;
    private const int MaxExtents = 8192;

    private const int ShortForm = 0;
    private const int LongForm = 1;
    private const int ExtendedForm = 2;
    private const int EmbeddedForm = 3;

    private const int RecordedKind = 0;
    private const int ContinuationKind = 3;

    private readonly UdfBlocks _blocks;
    private readonly UdfPartition _home;
    private readonly ulong _length;
    private readonly byte[]? _embedded;
    private readonly List<UdfExtent> _extents = [];
    private readonly string _what;

    private UdfFile(UdfBlocks blocks, UdfPartition home, ReadOnlySpan<byte> entry, string what)
    {
        bool isExtended = UdfTag.KindOf(entry) == UdfTag.ExtendedFileEntry;
        var reader = new ByteReader(entry, $"UDF: {what}");
        reader.Seek(27);
        Type = reader.Byte();
        reader.Seek(34);
        int flags = reader.UInt16LittleEndian();
        reader.Seek(56);
        _length = reader.UInt64LittleEndian();
        reader.Seek(isExtended ? 208 : 168);
        uint attributes = reader.UInt32LittleEndian();
        uint descriptors = reader.UInt32LittleEndian();
        reader.Skip(attributes);
        ReadOnlySpan<byte> allocation = reader.Bytes(descriptors);

        _blocks = blocks;
        _home = home;
        _what = what;
        int form = flags & 7;
        if (form == EmbeddedForm)
        {
            _embedded = allocation.ToArray();
        }
        else
        {
            ReadExtents(allocation, form);
        }
    }

    /// <summary>What kind of file the ICB tag says it is (ECMA-167 4/14.6.6).</summary>
    internal byte Type { get; }

    internal IReadOnlyList<UdfExtent> Extents => _extents;

    /// <summary>Reads the entry at a block, or the newest one that indirect entries lead to (strategy 4096).</summary>
    internal static UdfFile Open(UdfBlocks blocks, UdfExtent icb, string what)
    {
        for (int i = 0; i < MaxIndirections; i++)
        {
            if (icb is not { Partition: { } home, Length: > 0 })
            {
                throw new InvalidDataException($"UDF: {what} has no file entry");
            }

            byte[] entry = blocks.ReadBlock(home, icb.Block, what);
            if (!UdfTag.IsValid(entry, icb.Block))
            {
                throw new InvalidDataException($"UDF: {what} has a damaged file entry");
            }

            ushort kind = UdfTag.KindOf(entry);
            if (kind == UdfTag.IndirectEntry)
            {
                icb = TargetOf(entry, blocks, what);
            }
            else if (kind is not (UdfTag.FileEntry or UdfTag.ExtendedFileEntry))
            {
                throw new InvalidDataException($"UDF: {what} has tag {kind} where its file entry should be");
            }
            else if (FindNewer(entry, blocks, home, icb.Block, what) is { } newer)
            {
                icb = newer;
            }
            else
            {
                return new UdfFile(blocks, home, entry, what);
            }
        }

        throw new InvalidDataException($"UDF: {what} is behind more than {MaxIndirections} indirect entries");
    }

    /// <summary>The whole content; pieces that were never recorded are zeros.</summary>
    internal byte[] ReadAll(int limit)
    {
        if (_length > (ulong)limit)
        {
            throw new InvalidDataException($"UDF: {_what} has {_length} bytes, at most {limit} are read");
        }

        if (_embedded is not null)
        {
            return new ByteReader(_embedded, $"UDF: {_what}").Bytes((long)_length).ToArray();
        }

        byte[] content = new byte[_length];
        int filled = 0;
        foreach (UdfExtent extent in _extents)
        {
            // Only the last piece may end inside a block, and Linux 6.1 leaves its length too small after appending: the
            // rest of the block counts.
            long space = ((long)extent.Length + _blocks.Size - 1) / _blocks.Size * _blocks.Size;
            int count = (int)Math.Min(space, content.Length - filled);
            if (extent.Partition is { } partition)
            {
                _blocks.Read(partition, extent.Block, content.AsSpan(filled, count), _what);
            }

            filled += count;
        }

        return filled == content.Length
            ? content
            : throw new InvalidDataException($"UDF: {_what} has {_length} bytes, but space for {filled}");
    }

    // With strategy 4096 the block after an entry may hold an indirect entry, which leads to a later version of the file.
    private static UdfExtent? FindNewer(
        ReadOnlySpan<byte> entry, UdfBlocks blocks, UdfPartition home, uint block, string what)
    {
        const int AppendStrategy = 4096;
        if (BinaryPrimitives.ReadUInt16LittleEndian(entry[20..]) != AppendStrategy || block == uint.MaxValue)
        {
            return null;
        }

        byte[] next = blocks.ReadBlock(home, block + 1, what);
        return UdfTag.IsValid(next, block + 1) && UdfTag.KindOf(next) == UdfTag.IndirectEntry
            && TargetOf(next, blocks, what) is { Length: > 0 } target ? target : null;
    }

    private static UdfExtent TargetOf(ReadOnlySpan<byte> indirectEntry, UdfBlocks blocks, string what)
    {
        var reader = new ByteReader(indirectEntry, $"UDF: {what}");
        reader.Seek(36);
        return blocks.ReadLongDescriptor(ref reader);
    }

    private void ReadExtents(ReadOnlySpan<byte> descriptors, int form)
    {
        for (int continued = 0; continued < MaxContinuations; continued++)
        {
            if (ReadExtentsOf(descriptors, form) is not { } next)
            {
                return;
            }

            byte[] block = _blocks.ReadBlock(next.Partition!, next.Block, _what);
            UdfTag.Check(block, UdfTag.AllocationExtent, next.Block, $"an allocation extent of {_what}");
            var reader = new ByteReader(block, $"UDF: {_what}");
            reader.Seek(20);
            uint length = reader.UInt32LittleEndian();
            descriptors = reader.Bytes(length);
        }

        throw new InvalidDataException($"UDF: {_what} has more than {MaxContinuations} allocation extents");
    }

    /// <summary>Takes one list of descriptors; the answer is where it goes on, if it does.</summary>
    private UdfExtent? ReadExtentsOf(ReadOnlySpan<byte> descriptors, int form)
    {
        var reader = new ByteReader(descriptors, $"UDF: {_what}");
        int size = form switch
        {
            ShortForm => 8,
            LongForm => 16,
            ExtendedForm => 20,
            _ => throw new InvalidDataException($"UDF: {_what} has allocation descriptors of the unknown form {form}"),
        };
        while (reader.Remaining >= size)
        {
            (int kind, UdfExtent extent) = ReadDescriptor(ref reader, form);
            if (extent.Length == 0)
            {
                return null;
            }

            if (kind == ContinuationKind)
            {
                return extent;
            }

            if (_extents.Count == MaxExtents)
            {
                throw new InvalidDataException($"UDF: {_what} is in more than {MaxExtents} pieces");
            }

            _extents.Add(kind == RecordedKind ? extent : extent with { Partition = null });
        }

        return null;
    }

    // ECMA-167 4/14.14.1 to 4/14.14.3; the two upper bits of the length say what the piece is.
    private (int Kind, UdfExtent Extent) ReadDescriptor(ref ByteReader reader, int form)
    {
        uint length = reader.UInt32LittleEndian();
        if (form == ExtendedForm)
        {
            uint recorded = reader.UInt32LittleEndian();
            if (reader.UInt32LittleEndian() != (recorded & UdfBlocks.LengthMask))
            {
                throw new InvalidDataException($"UDF: {_what} is compressed, which is not supported");
            }
        }

        uint block = reader.UInt32LittleEndian();
        UdfPartition? partition = _home;
        int kind = (int)(length >> 30);
        if (form != ShortForm)
        {
            int reference = reader.UInt16LittleEndian();
            reader.Skip(form == LongForm ? 6 : 2);
            partition = kind is RecordedKind or ContinuationKind && length != 0 ? _blocks.Partition(reference) : null;
        }

        return (kind, new UdfExtent(length & UdfBlocks.LengthMask, block, partition));
    }
}
