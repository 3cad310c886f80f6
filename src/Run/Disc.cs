using System;
using System.IO;

namespace Azprovision.Run;

/// <summary>A disc or an image of one, read in pieces that are checked against its length first.</summary>
internal sealed class Disc(Stream stream)
{
    internal long Length { get; } = stream.Length;

    internal bool Holds(long offset, long count) => offset >= 0 && count >= 0 && offset <= Length - count;

    internal void Read(long offset, Span<byte> bytes, string what)
    {
        if (!Holds(offset, bytes.Length))
        {
            throw CutShort(offset, bytes.Length, what);
        }

        stream.Position = offset;
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException)
        {
            throw CutShort(offset, bytes.Length, what);
        }
    }

    internal byte[] Read(long offset, int count, string what)
    {
        if (!Holds(offset, count))
        {
            throw CutShort(offset, count, what);   // before the memory for it is taken
        }

        byte[] bytes = new byte[count];
        Read(offset, bytes, what);
        return bytes;
    }

    private InvalidDataException CutShort(long offset, int count, string what) =>
        new($"{what}: {count} bytes at byte {offset} do not lie on a disc of {Length} bytes");
}
