using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Azprovision.Tests.Unit.Support;

/// <summary>
/// Turns an image of a plain partition into one of the kinds that mkudffs or the kernel cannot write files to. Written
/// from ECMA-167 and UDF, not from the reader. Blocks have 2048 bytes.
/// </summary>
internal sealed class UdfEditor
{
    internal const int BlockSize = 2048;

    private readonly List<byte> _image;

    internal UdfEditor(byte[] image)
    {
        _image = [.. image];
        byte[] partition = Sector(SectorsOf(5)[0]);
        PartitionStart = Read32(partition, 188);
        PartitionLength = Read32(partition, 192);
    }

    internal int PartitionStart { get; }

    internal int PartitionLength { get; }

    /// <summary>The block of the partition that the next <see cref="Append"/> will fill.</summary>
    internal int NextBlock => (_image.Count / BlockSize) - PartitionStart;

    internal byte[] ToImage() => [.. _image];

    internal byte[] Sector(int number) => [.. _image.Skip(number * BlockSize).Take(BlockSize)];

    /// <summary>Where descriptors of a kind stand, in order.</summary>
    internal int[] SectorsOf(int kind)
    {
        ReadOnlySpan<byte> image = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_image);
        var found = new List<int>();
        for (int i = 0; i < image.Length / BlockSize; i++)
        {
            ReadOnlySpan<byte> tag = image.Slice(i * BlockSize, 16);
            if (BinaryPrimitives.ReadUInt16LittleEndian(tag) == kind && tag[2] is 2 or 3 && tag[..4].SequenceEqual((byte[])[(byte)kind, (byte)(kind >> 8), tag[2], 0]))
            {
                found.Add(i);
            }
        }

        return [.. found];
    }

    /// <summary>The file entry of the only file with this length.</summary>
    internal int EntryOfLength(int length) =>
        SectorsOf(261).Single(sector => Read32(Sector(sector), 56) == length);

    internal void Put(int sector, byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            _image[(sector * BlockSize) + i] = bytes[i];
        }
    }

    internal void Clear(int sector, int count) => Put(sector, new byte[count * BlockSize]);

    /// <summary>Changes a descriptor and seals it again.</summary>
    internal void Edit(int sector, Action<byte[]> change)
    {
        byte[] descriptor = Sector(sector);
        change(descriptor);
        UdfSeals.Seal(descriptor);
        Put(sector, descriptor);
    }

    /// <summary>Adds blocks at the end of the disc and of the partition; the answer is the first one.</summary>
    internal int Append(byte[] content)
    {
        int block = NextBlock;
        _image.AddRange(content);
        _image.AddRange(new byte[-content.Length & (BlockSize - 1)]);
        foreach (int sector in SectorsOf(5))
        {
            Edit(sector, d => Write32(d, 192, NextBlock));
        }

        return block;
    }

    /// <summary>A file entry with short descriptors of whole extents, as the last block of the disc.</summary>
    internal int AppendFile(byte type, int length, params (int Length, int Block)[] extents)
    {
        byte[] entry = new byte[BlockSize];
        WriteTag(entry, 261, NextBlock, BlockSize - 16);
        entry[20] = 4;   // strategy
        entry[27] = type;
        Write32(entry, 56, length);
        Write32(entry, 172, extents.Length * 8);
        for (int i = 0; i < extents.Length; i++)
        {
            Write32(entry, 176 + (i * 8), extents[i].Length);
            Write32(entry, 180 + (i * 8), extents[i].Block);
        }

        UdfSeals.Seal(entry);
        return Append(entry);
    }

    /// <summary>Makes partition reference 0 one of another kind, and 1 the plain partition.</summary>
    internal void AddMap(string kind, Action<byte[]> fill)
    {
        foreach (int sector in SectorsOf(6))
        {
            Edit(sector, d =>
            {
                byte[] plain = d[440..446];
                byte[] map = new byte[64];
                map[0] = 2;
                map[1] = 64;
                Encoding.ASCII.GetBytes(kind).CopyTo(map, 5);
                plain[2..6].CopyTo(map, 36);   // volume sequence number and partition number
                fill(map);
                map.CopyTo(d, 440);
                plain.CopyTo(d, 504);
                Write32(d, 264, 70);
                Write32(d, 268, 2);
                d[10] = (510 - 16) & 0xFF;
                d[11] = (510 - 16) >> 8;
            });
        }
    }

    /// <summary>Moves the whole partition to the end of the disc, its blocks in another order.</summary>
    internal void MoveBlocks(Func<int, int> newPlace)
    {
        byte[] moved = new byte[PartitionLength * BlockSize];
        for (int i = 0; i < PartitionLength; i++)
        {
            Sector(PartitionStart + i).CopyTo(moved, newPlace(i) * BlockSize);
        }

        Append(moved);
        Clear(PartitionStart, PartitionLength);
    }

    internal static void WriteTag(byte[] descriptor, ushort kind, int location, int covered)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor, kind);
        descriptor[2] = 2;
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor.AsSpan(10), (ushort)covered);
        Write32(descriptor, 12, location);
    }

    internal static int Read32(byte[] bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));

    internal static void Write32(byte[] bytes, int at, int value) =>
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
}
