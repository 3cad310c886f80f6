using System;

namespace Azprovision.Crypto;

/// <summary>AES (FIPS 197) for keys of 16, 24 and 32 bytes: the inverse cipher, byte by byte as defined.</summary>
internal sealed class Aes : BlockCipher
{
    private const int Size = 16;

    private readonly byte[] _substitute = new byte[256];
    private readonly byte[] _inverse = new byte[256];
    private readonly byte[] _roundKeys;

    internal Aes(ReadOnlySpan<byte> key)
        : base(Size)
    {
        FillSubstitutions();
        const int Word = 4;
        _roundKeys = new byte[Size * ((key.Length / Word) + 7)];
        key.CopyTo(_roundKeys);
        byte constant = 1;
        for (int at = key.Length; at < _roundKeys.Length; at += Word)
        {
            // FIPS 197 5.2
            bool isFirst = at % key.Length == 0;
            bool isSubstituted = isFirst || (key.Length > 24 && at % key.Length == 16);
            for (int i = 0; i < Word; i++)
            {
                byte b = _roundKeys[at - Word + (isFirst ? (i + 1) % Word : i)];
                _roundKeys[at + i] = (byte)(_roundKeys[at + i - key.Length] ^ (isSubstituted ? _substitute[b] : b));
            }

            if (isFirst)
            {
                _roundKeys[at] ^= constant;
                constant = Double(constant);
            }
        }
    }

    // FIPS 197 5.3
    protected override void DecryptBlock(ReadOnlySpan<byte> block, Span<byte> clear)
    {
        Span<byte> moved = stackalloc byte[Size];
        block.CopyTo(clear);
        int round = (_roundKeys.Length / Size) - 1;
        AddRoundKey(clear, round);
        while (--round >= 0)
        {
            for (int i = 0; i < Size; i++)
            {
                moved[(i + (4 * (i % 4))) % Size] = _inverse[clear[i]];   // InvShiftRows, InvSubBytes
            }

            moved.CopyTo(clear);
            AddRoundKey(clear, round);
            for (int column = 0; round > 0 && column < Size; column += 4)
            {
                InverseMixColumn(clear.Slice(column, 4));
            }
        }
    }

    private void AddRoundKey(Span<byte> state, int round)
    {
        for (int i = 0; i < Size; i++)
        {
            state[i] ^= _roundKeys[(round * Size) + i];
        }
    }

    // FIPS 197 5.3.3: each byte is 14, 11, 13 and 9 times the four, by doubling.
    private static void InverseMixColumn(Span<byte> column)
    {
        Span<byte> sums = stackalloc byte[4];
        for (int row = 0; row < 4; row++)
        {
            byte one = column[row];
            byte two = Double(one);
            byte four = Double(two);
            byte eight = Double(four);
            sums[row] ^= (byte)(eight ^ four ^ two);
            sums[(row + 1) % 4] ^= (byte)(eight ^ one);
            sums[(row + 2) % 4] ^= (byte)(eight ^ four ^ one);
            sums[(row + 3) % 4] ^= (byte)(eight ^ two ^ one);
        }

        sums.CopyTo(column);
    }

    // FIPS 197 5.1.1: the inverse in GF(2^8), then an affine map. The powers of 3 run through all but 0, those of its
    // inverse, 0xf6, the other way.
    private void FillSubstitutions()
    {
        byte value = 1;
        byte inverse = 1;
        do
        {
            value ^= Double(value);
            inverse ^= (byte)(inverse << 1);
            inverse ^= (byte)(inverse << 2);
            inverse ^= (byte)(inverse << 4);
            inverse ^= (byte)((inverse & 0x80) != 0 ? 0x09 : 0);
            int mapped = inverse ^ Rotate(inverse, 1) ^ Rotate(inverse, 2) ^ Rotate(inverse, 3) ^ Rotate(inverse, 4);
            Set(value, (byte)(mapped ^ 0x63));
        }
        while (value != 1);
        Set(0, 0x63);

        void Set(byte from, byte to)
        {
            _substitute[from] = to;
            _inverse[to] = from;
        }

        static int Rotate(byte b, int count) => (b << count) | (b >> (8 - count));
    }

    // Times x modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197 4.2).
    private static byte Double(byte b) => (byte)((b << 1) ^ ((b & 0x80) != 0 ? 0x1b : 0));
}
