using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Run;

namespace Azprovision.Media;

/// <summary>
/// A UDF file system of revision 1.02 to 2.60 (ECMA-167 and OSTA UDF), read without the kernel: files of its root
/// directory by name. Whatever the disc holds, the answer is a file, null, or InvalidDataException.
/// </summary>
internal sealed class UdfImage
{
    private const int MaxDirectorySize = 1 << 20;

    private readonly List<string> _names = [];
    private readonly List<UdfExtent> _icbs = [];
    private readonly UdfBlocks _blocks;

    private UdfImage(UdfBlocks blocks, UdfExtent rootIcb)
    {
        _blocks = blocks;
        UdfFile root = UdfFile.Open(blocks, rootIcb, "the root directory");
        if (root.Type != UdfFile.DirectoryType)
        {
            throw new InvalidDataException($"UDF: the root directory has file type {root.Type}");
        }

        ReadDirectory(root.ReadAll(MaxDirectorySize));
    }

    /// <summary>Null: this is not UDF. A UDF that is damaged is an InvalidDataException.</summary>
    internal static UdfImage? TryOpen(Stream stream)
    {
        var disc = new Disc(stream);
        if (!HasRecognitionSequence(disc))
        {
            return null;
        }

        InvalidDataException? first = null;
        foreach (UdfVolume volume in UdfVolume.FindAll(disc))
        {
            try
            {
                (UdfBlocks blocks, UdfExtent root) = volume.Load();
                return new UdfImage(blocks, root);
            }
            catch (InvalidDataException e)
            {
                first ??= e;   // the reserve sequence, or that of another anchor, may be whole
            }
        }

        throw first ?? new InvalidDataException("UDF: no anchor volume descriptor pointer is where one should be");
    }

    /// <summary>The content of a file of the root directory, or null when it is not there.</summary>
    internal byte[]? TryReadFile(string name, int limit)
    {
        int index = DiscName.Find(_names, name);
        return index < 0 ? null : UdfFile.Open(_blocks, _icbs[index], $"'{name}'").ReadAll(limit);
    }

    // "NSR02" or "NSR03" among the volume structure descriptors, which begin at byte 32768 in steps of 2048 bytes or a
    // sector (ECMA-167 2/9.1 and 3/9.1). On a bridge disc those of ISO 9660 come first.
    private static bool HasRecognitionSequence(Disc disc)
    {
        const int Start = 32768;
        const int Step = 2048;
        const int MaxSteps = 64;
        byte[] some = new byte[8 * Step];
        for (int start = Start; start < Start + (MaxSteps * Step) && disc.Holds(start, some.Length); start += some.Length)
        {
            disc.Read(start, some, "UDF: the recognition sequence");
            for (int at = 0; at < some.Length; at += Step)
            {
                ReadOnlySpan<byte> name = some.AsSpan(at + 1, 5);
                if (name.SequenceEqual("NSR02"u8) || name.SequenceEqual("NSR03"u8))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // File identifier descriptors, each padded to four bytes (ECMA-167 4/14.4).
    private void ReadDirectory(byte[] content)
    {
        const int DirectoryDeletedOrParent = 0x02 | 0x04 | 0x08;
        var reader = new ByteReader(content, "UDF: the root directory");
        while (reader.Remaining > 0)
        {
            int start = reader.Position;
            reader.Skip(18);
            int characteristics = reader.Byte();
            int nameLength = reader.Byte();
            UdfExtent? icb = null;
            if ((characteristics & DirectoryDeletedOrParent) == 0)
            {
                icb = _blocks.ReadLongDescriptor(ref reader);
            }
            else
            {
                reader.Skip(16);
            }

            reader.Skip(reader.UInt16LittleEndian());
            ReadOnlySpan<byte> name = reader.Bytes(nameLength);
            int length = reader.Position - start;
            UdfTag.Check(content.AsSpan(start, length), UdfTag.FileIdentifier, null, "an entry of the root directory");
            if (icb is not null)
            {
                _names.Add(DecodeName(name));
                _icbs.Add(icb.Value);
            }

            reader.Skip(Math.Min(reader.Remaining, -length & 3));
        }
    }

    // OSTA compressed unicode (UDF 2.1.1): 8 or 16 bits a character, which is said by the first byte.
    private static string DecodeName(ReadOnlySpan<byte> name) => name switch
    {
        [] => "",
        [8, .. var characters] => Encoding.Latin1.GetString(characters),
        [16, .. var characters] => Encoding.BigEndianUnicode.GetString(characters),
        _ => throw new InvalidDataException($"UDF: a name in the root directory has compression {name[0]}"),
    };
}
