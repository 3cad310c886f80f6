using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Run;

namespace Azprovision.Media;

/// <summary>
/// The POSIX names behind the directory records of an ISO 9660 file system (SUSP, IEEE P1281, and Rock Ridge, IEEE
/// P1282: NM entries, which may go on elsewhere by CE).
/// </summary>
internal sealed class RockRidge
{
    private const int MaxContinuations = 16;
    private const int MaxNameLength = 255;
    private const int NameAt = 33;
    private const int SectorSize = 2048;

    private readonly Disc _disc;
    private readonly int _blockSize;
    private readonly int _skipped;

    private RockRidge(Disc disc, int blockSize, int skipped)
    {
        _disc = disc;
        _blockSize = blockSize;
        _skipped = skipped;
    }

    /// <summary>Null: the first record of the root directory has no SP entry, so the names are those of ISO 9660.</summary>
    internal static RockRidge? TryFind(Disc disc, int blockSize, ReadOnlySpan<byte> rootDirectory)
    {
        const int FirstEntryAt = NameAt + 1;
        return rootDirectory.Length >= FirstEntryAt + 7 && rootDirectory[0] >= FirstEntryAt + 7
            && rootDirectory[FirstEntryAt..] is [(byte)'S', (byte)'P', 7, 1, 0xBE, 0xEF, var skipped, ..]
                ? new RockRidge(disc, blockSize, skipped)
                : null;
    }

    /// <summary>The name in the entries behind a directory record, or null when there is none.</summary>
    internal string? TryName(ReadOnlySpan<byte> record)
    {
        var name = new List<byte>();
        int start = NameAt + record[NameAt - 1];
        start += (start & 1) + _skipped;   // a pad byte makes the name end on an even one
        ReadOnlySpan<byte> area = start < record.Length ? record[start..] : [];
        for (int i = 0; i < MaxContinuations; i++)
        {
            if (ReadArea(area, name) is not { } next)
            {
                return name.Count == 0 ? null : Encoding.UTF8.GetString([.. name]);
            }

            area = next;
        }

        throw new InvalidDataException($"ISO 9660: a name goes on in more than {MaxContinuations} places");
    }

    /// <summary>Collects the name from one area; the answer is the next one, if there is.</summary>
    private byte[]? ReadArea(ReadOnlySpan<byte> area, List<byte> name)
    {
        const int CurrentOrParent = 0x02 | 0x04;
        const int HeaderSize = 4;
        byte[]? next = null;
        var reader = new ByteReader(area, "ISO 9660: a Rock Ridge entry");
        while (reader.Remaining >= HeaderSize)
        {
            ReadOnlySpan<byte> signature = reader.Bytes(2);
            int length = reader.Byte();
            reader.Skip(1);
            if (signature.SequenceEqual("ST"u8) || length == 0)
            {
                break;   // zeros fill up what is left
            }

            var entry = new ByteReader(reader.Bytes(length - HeaderSize), "ISO 9660: a Rock Ridge entry");
            if (signature.SequenceEqual("NM"u8))
            {
                if ((entry.Byte() & CurrentOrParent) == 0)
                {
                    name.AddRange(entry.Bytes(entry.Remaining));
                }

                if (name.Count > MaxNameLength)
                {
                    throw new InvalidDataException($"ISO 9660: a name has more than {MaxNameLength} bytes");
                }
            }
            else if (signature.SequenceEqual("CE"u8))
            {
                next = ReadContinuation(ref entry);
            }
        }

        return next;
    }

    // Numbers stand in both byte orders, little-endian first (ECMA-119 7.3.3).
    private byte[] ReadContinuation(ref ByteReader entry)
    {
        long block = entry.UInt32LittleEndian();
        entry.Skip(4);
        long offset = entry.UInt32LittleEndian();
        entry.Skip(4);
        uint length = entry.UInt32LittleEndian();
        if (length > SectorSize)
        {
            throw new InvalidDataException($"ISO 9660: a continuation area has {length} bytes, at most {SectorSize} are read");
        }

        return _disc.Read((block * _blockSize) + offset, (int)length, "ISO 9660: a continuation area");
    }
}
