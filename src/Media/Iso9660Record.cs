using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Run;

namespace Azprovision.Media;

/// <summary>A directory record (ECMA-119 9.1), or several that together are one file.</summary>
internal sealed record Iso9660Record(byte[] Name, byte Flags, bool IsInterleaved, IReadOnlyList<(uint Block, uint Length)> Extents)
{
    private const int MaxExtents = 1024;

    internal bool IsDirectory => (Flags & 0x02) != 0;

    /// <summary>The next record of the directory is more of the same file.</summary>
    internal bool IsContinued => (Flags & 0x80) != 0;

    internal static Iso9660Record Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, "ISO 9660: a directory record");
        reader.Skip(1);
        uint attributeBlocks = reader.Byte();   // of the extended attribute record, which lies before the data
        uint block = reader.UInt32LittleEndian();
        reader.Skip(4);
        uint length = reader.UInt32LittleEndian();
        reader.Seek(25);
        byte flags = reader.Byte();
        bool isInterleaved = reader.Byte() != 0;
        reader.Seek(32);
        byte[] name = reader.Bytes(reader.Byte()).ToArray();
        return new Iso9660Record(name, flags, isInterleaved, [(block + attributeBlocks, length)]);
    }

    /// <summary>This file with the extents of the next record behind its own.</summary>
    internal Iso9660Record With(Iso9660Record next)
    {
        if (!Name.AsSpan().SequenceEqual(next.Name) || Extents.Count == MaxExtents)
        {
            throw new InvalidDataException("ISO 9660: a file of several extents is damaged");
        }

        return next with { IsInterleaved = IsInterleaved || next.IsInterleaved, Extents = [.. Extents, .. next.Extents] };
    }
}
