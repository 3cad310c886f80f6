using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Run;

namespace Azprovision.Media;

/// <summary>
/// An ISO 9660 file system (ECMA-119), read without the kernel: files of its root directory by their Rock Ridge names if
/// it has them, else Joliet's, or its own. Whatever the disc holds, the answer is a file, null, or InvalidDataException.
/// </summary>
internal sealed class Iso9660Image
{
    private const int SectorSize = 2048;
    private const int MaxDescriptors = 64;
    private const int MaxDirectorySize = 1 << 20;
    private const int RootRecordAt = 156;
    private const int RootRecordSize = 34;

    private readonly Disc _disc;
    private readonly List<string> _names = [];
    private readonly List<Iso9660Record> _records = [];
    private readonly bool _hasPlainNames;
    private readonly int _blockSize;

    private Iso9660Image(Disc disc, byte[] primary, byte[]? joliet)
    {
        _disc = disc;
        _blockSize = BinaryPrimitives.ReadUInt16LittleEndian(primary.AsSpan(128));
        if (_blockSize is not (512 or 1024 or 2048))
        {
            throw new InvalidDataException($"ISO 9660: logical blocks have {_blockSize} bytes");
        }

        byte[] directory = ReadRoot(primary);
        RockRidge? rockRidge = RockRidge.TryFind(disc, _blockSize, directory);
        _hasPlainNames = rockRidge is null;
        if (rockRidge is null && joliet is not null)
        {
            ReadDirectory(ReadRoot(joliet), null, isJoliet: true);
        }

        ReadDirectory(directory, rockRidge, isJoliet: false);
    }

    /// <summary>Null: this is not ISO 9660. One that is damaged is an InvalidDataException.</summary>
    internal static Iso9660Image? TryOpen(Stream stream)
    {
        const int FirstSector = 16;
        const int Primary = 1;
        const int Supplementary = 2;
        const int Terminator = 255;
        var disc = new Disc(stream);
        byte[]? primary = null;
        byte[]? joliet = null;
        for (int i = FirstSector; i < FirstSector + MaxDescriptors; i++)
        {
            if (!disc.Holds(i * SectorSize, SectorSize))
            {
                break;
            }

            byte[] descriptor = disc.Read(i * SectorSize, SectorSize, "ISO 9660: a volume descriptor");
            if (!descriptor.AsSpan(1, 5).SequenceEqual("CD001"u8) || descriptor[0] == Terminator)
            {
                break;
            }

            if (descriptor[0] == Primary)
            {
                primary ??= descriptor;
            }
            else if (descriptor[0] == Supplementary && IsJoliet(descriptor))
            {
                joliet ??= descriptor;
            }
        }

        return primary is null ? null : new Iso9660Image(disc, primary, joliet);
    }

    /// <summary>The content of a file of the root directory, or null when it is not there.</summary>
    internal byte[]? TryReadFile(string name, int limit)
    {
        int index = DiscName.Find(_names, name, _hasPlainNames);
        return index < 0 ? null : ReadAll(_records[index], limit, $"'{name}'");
    }

    // The escape sequences for the three levels of UCS-2 (Joliet specification, "SVD Escape Sequences").
    private static bool IsJoliet(ReadOnlySpan<byte> descriptor) =>
        descriptor[88..91] is [(byte)'%', (byte)'/', (byte)'@' or (byte)'C' or (byte)'E'];

    private byte[] ReadRoot(byte[] descriptor) => ReadAll(
        Iso9660Record.Parse(descriptor.AsSpan(RootRecordAt, RootRecordSize)), MaxDirectorySize, "the root directory");

    private byte[] ReadAll(Iso9660Record record, int limit, string what)
    {
        if (record.IsInterleaved)
        {
            throw new InvalidDataException($"ISO 9660: {what} is interleaved, which is not supported");
        }

        long size = 0;
        foreach ((_, uint length) in record.Extents)
        {
            size += length;
        }

        if (size > limit)
        {
            throw new InvalidDataException($"ISO 9660: {what} has {size} bytes, at most {limit} are read");
        }

        byte[] content = new byte[size];
        int filled = 0;
        foreach ((uint block, uint length) in record.Extents)
        {
            _disc.Read((long)block * _blockSize, content.AsSpan(filled, (int)length), $"ISO 9660: {what}");
            filled += (int)length;
        }

        return content;
    }

    // Records do not cross sectors; a length of 0 says that the next one is in the next sector (ECMA-119 6.8.1.1).
    private void ReadDirectory(byte[] directory, RockRidge? rockRidge, bool isJoliet)
    {
        Iso9660Record? unfinished = null;
        for (int at = 0; at < directory.Length;)
        {
            int length = directory[at];
            if (length == 0)
            {
                at = (at / SectorSize + 1) * SectorSize;
                continue;
            }

            var reader = new ByteReader(directory, "ISO 9660: the root directory");
            reader.Seek(at);
            ReadOnlySpan<byte> bytes = reader.Bytes(length);
            at += length;
            Iso9660Record record = Iso9660Record.Parse(bytes);
            if (unfinished is not null)
            {
                record = unfinished.With(record);
            }

            unfinished = record.IsContinued ? record : null;
            if (!record.IsContinued && !record.IsDirectory)
            {
                _names.Add(rockRidge?.TryName(bytes) ?? PlainName(record.Name, isJoliet));
                _records.Add(record);
            }
        }
    }

    /// <summary>The name without version (";1") and without the dot of an empty extension.</summary>
    private static string PlainName(byte[] name, bool isJoliet)
    {
        string text = (isJoliet ? Encoding.BigEndianUnicode : Encoding.Latin1).GetString(name);
        int version = text.LastIndexOf(';');
        text = version > 0 ? text[..version] : text;
        return text.EndsWith('.') ? text[..^1] : text;
    }
}
