using System;
using System.Collections.Generic;
using System.IO;

namespace Azprovision.Run;

/// <summary>
/// Unpacks the first member of a gzip file (RFC 1952, RFC 1951). The class library's needs zlib, which is twenty times as
/// large and has to be fast; here a script, or a kernel's configuration, is unpacked once.
/// </summary>
internal ref struct Gzip
{
    private const int MaxBits = 15;

    // RFC 1951 3.2.5: lengths from symbol 257 on and distances, each with the bits that follow it.
    private static readonly ushort[] s_lengths =
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    private static readonly byte[] s_lengthBits =
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    // 3.2.7: the order of the lengths of the code for code lengths.
    private static readonly byte[] s_order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private readonly int _limit;
    private readonly List<byte> _output = [];
    private ByteReader _input;
    private int _bits;
    private int _bitCount;

    private Gzip(ReadOnlySpan<byte> file, int limit)
    {
        _input = new ByteReader(file, "gzip");
        _limit = limit;
    }

    internal static bool IsGzip(ReadOnlySpan<byte> file) => file.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 8]);

    /// <summary>The content; InvalidDataException when the file is damaged or the content is larger than the limit.</summary>
    internal static byte[] Unpack(ReadOnlySpan<byte> file, int limit)
    {
        var gzip = new Gzip(file, limit);
        gzip.SkipHeader();
        gzip.Inflate();
        uint sum = gzip._input.UInt32LittleEndian();
        uint size = gzip._input.UInt32LittleEndian();
        byte[] output = gzip._output.ToArray();
        return size == output.Length && sum == Crc32.Of(output) ? output : throw Damaged("checksum and content do not fit");
    }

    private void SkipHeader()
    {
        _input.Skip(3);
        byte flags = _input.Byte();
        _input.Skip(6);
        if ((flags & 4) != 0)
        {
            _input.Skip(_input.UInt16LittleEndian());
        }

        for (int texts = ((flags >> 3) & 1) + ((flags >> 4) & 1); texts > 0; texts--)   // name and comment
        {
            while (_input.Byte() != 0)
            {
            }
        }

        _input.Skip((flags & 2) != 0 ? 2 : 0);
    }

    private void Inflate()
    {
        bool isLast;
        do
        {
            isLast = Bits(1) == 1;
            switch (Bits(2))
            {
                case 0:
                    CopyStored();
                    break;
                case 1:
                    byte[] lengths = new byte[288];
                    lengths.AsSpan(0, 144).Fill(8);
                    lengths.AsSpan(144, 112).Fill(9);
                    lengths.AsSpan(256, 24).Fill(7);
                    lengths.AsSpan(280).Fill(8);
                    byte[] distances = new byte[30];
                    distances.AsSpan().Fill(5);
                    Expand(new Code(lengths), new Code(distances));
                    break;
                case 2:
                    ExpandDynamic();
                    break;
                default:
                    throw Damaged("no such kind of block");
            }
        }
        while (!isLast);
    }

    private void CopyStored()
    {
        _bits = 0;   // what is left of the byte
        _bitCount = 0;
        int length = _input.UInt16LittleEndian();
        if (_input.UInt16LittleEndian() != (ushort)~length)
        {
            throw Damaged("a stored block has no length");
        }

        foreach (byte value in _input.Bytes(length))
        {
            Put(value);
        }
    }

    private void ExpandDynamic()
    {
        int lengthCount = Bits(5) + 257;
        int distanceCount = Bits(5) + 1;
        int orderCount = Bits(4) + 4;
        byte[] orderLengths = new byte[s_order.Length];
        for (int i = 0; i < orderCount; i++)
        {
            orderLengths[s_order[i]] = (byte)Bits(3);
        }

        var order = new Code(orderLengths);
        byte[] lengths = new byte[lengthCount + distanceCount];
        int at = 0;
        while (at < lengths.Length)
        {
            int symbol = Symbol(order);
            if (symbol < 16)
            {
                lengths[at++] = (byte)symbol;
                continue;
            }

            byte repeated = symbol == 16 && at > 0 ? lengths[at - 1] : (byte)0;
            int count = symbol switch { 16 => 3 + Bits(2), 17 => 3 + Bits(3), _ => 11 + Bits(7) };
            if (count > lengths.Length - at)
            {
                throw Damaged("more code lengths than symbols");
            }

            lengths.AsSpan(at, count).Fill(repeated);
            at += count;
        }

        Expand(new Code(lengths.AsSpan(0, lengthCount)), new Code(lengths.AsSpan(lengthCount)));
    }

    private void Expand(Code lengths, Code distances)
    {
        const int EndOfBlock = 256;
        for (int symbol = Symbol(lengths); symbol != EndOfBlock; symbol = Symbol(lengths))
        {
            if (symbol < EndOfBlock)
            {
                Put((byte)symbol);
                continue;
            }

            int index = symbol - EndOfBlock - 1;
            if (index >= s_lengths.Length)
            {
                throw Damaged("no such length");
            }

            int length = s_lengths[index] + Bits(s_lengthBits[index]);
            int code = Symbol(distances);
            int extra = Math.Max(0, (code >> 1) - 1);
            int distance = (code < 4 ? code : (2 + (code & 1)) << extra) + Bits(extra) + 1;
            if (code > 29 || distance > _output.Count)
            {
                throw Damaged("a distance from before the beginning");
            }

            for (; length > 0; length--)
            {
                Put(_output[^distance]);
            }
        }
    }

    private void Put(byte value)
    {
        if (_output.Count == _limit)
        {
            throw Damaged($"more than {_limit} bytes unpacked");
        }

        _output.Add(value);
    }

    private int Bits(int count)
    {
        while (_bitCount < count)
        {
            _bits |= _input.Byte() << _bitCount;
            _bitCount += 8;
        }

        int value = _bits & ((1 << count) - 1);
        _bits >>= count;
        _bitCount -= count;
        return value;
    }

    // Codes of one length are consecutive numbers, and begin where those one bit shorter ended (3.2.2).
    private int Symbol(Code code)
    {
        int value = 0;
        int first = 0;
        int index = 0;
        for (int length = 1; length <= MaxBits; length++)
        {
            value = (value << 1) | Bits(1);
            first <<= 1;
            int count = code.Counts[length];
            if (value - first < count)
            {
                return code.Symbols[index + value - first];
            }

            index += count;
            first += count;
        }

        throw Damaged("no such code");
    }

    private static InvalidDataException Damaged(string why) => new($"gzip: {why}");

    /// <summary>A Huffman code: how many symbols have a code of each length, and the symbols in the order of their codes.</summary>
    private sealed class Code
    {
        internal Code(ReadOnlySpan<byte> lengths)
        {
            for (int length = 1; length <= MaxBits; length++)
            {
                for (int symbol = 0; symbol < lengths.Length; symbol++)
                {
                    if (lengths[symbol] == length)
                    {
                        Counts[length]++;
                        Symbols.Add(symbol);
                    }
                }
            }
        }

        internal int[] Counts { get; } = new int[MaxBits + 1];

        internal List<int> Symbols { get; } = [];
    }
}
