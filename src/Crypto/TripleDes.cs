using System;
using System.Buffers.Binary;
using System.Numerics;

namespace Azprovision.Crypto;

/// <summary>Triple DES (SP 800-67) with a key of 24 bytes: for what old formats encrypted with it.</summary>
internal sealed class TripleDes : BlockCipher
{
    internal const int KeySize = 24;

    private const int Rounds = 16;

    private readonly ulong[][] _keys = new ulong[3][];

    internal TripleDes(ReadOnlySpan<byte> key)
        : base(sizeof(ulong))
    {
        for (int i = 0; i < _keys.Length; i++)
        {
            _keys[i] = Schedule(BinaryPrimitives.ReadUInt64BigEndian(key[(i * sizeof(ulong))..]));
        }
    }

    // The tables are those of SP 800-67 (revision 2) sections 3.1 to 3.4; bit 1 is the leftmost.
    private static ReadOnlySpan<byte> InitialPermutation =>
    [
        58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4,
        62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
        57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3,
        61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7,
    ];

    private static ReadOnlySpan<byte> FinalPermutation =>
    [
        40, 8, 48, 16, 56, 24, 64, 32, 39, 7, 47, 15, 55, 23, 63, 31,
        38, 6, 46, 14, 54, 22, 62, 30, 37, 5, 45, 13, 53, 21, 61, 29,
        36, 4, 44, 12, 52, 20, 60, 28, 35, 3, 43, 11, 51, 19, 59, 27,
        34, 2, 42, 10, 50, 18, 58, 26, 33, 1, 41, 9, 49, 17, 57, 25,
    ];

    private static ReadOnlySpan<byte> Permutation =>
    [
        16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10,
        2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
    ];

    private static ReadOnlySpan<byte> KeyChoice1 =>
    [
        57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
        63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
    ];

    private static ReadOnlySpan<byte> KeyChoice2 =>
    [
        14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
        41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
    ];

    // Four rows of sixteen hexadecimal digits for each box.
    private static ReadOnlySpan<byte> Selections =>
        "e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d"u8 +
        "f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9"u8 +
        "a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c"u8 +
        "7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e"u8 +
        "2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453"u8 +
        "c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d"u8 +
        "4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c"u8 +
        "d2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b"u8;

    // EDE: decryption takes the keys from the last to the first, the middle one the other way round.
    protected override void DecryptBlock(ReadOnlySpan<byte> block, Span<byte> clear)
    {
        ulong bits = BinaryPrimitives.ReadUInt64BigEndian(block);
        bits = Des(bits, _keys[2], isDecryption: true);
        bits = Des(bits, _keys[1], isDecryption: false);
        BinaryPrimitives.WriteUInt64BigEndian(clear, Des(bits, _keys[0], isDecryption: true));
    }

    private static ulong Des(ulong block, ulong[] keys, bool isDecryption)
    {
        ulong bits = Permute(block, 64, InitialPermutation);
        uint left = (uint)(bits >> 32);
        uint right = (uint)bits;
        for (int round = 0; round < Rounds; round++)
        {
            (left, right) = (right, left ^ Mix(right, keys[isDecryption ? Rounds - 1 - round : round]));
        }

        return Permute(((ulong)right << 32) | left, 64, FinalPermutation);
    }

    // Six bits with their neighbours on both sides (table E), of which the outer two choose the row.
    private static uint Mix(uint right, ulong key)
    {
        uint mixed = 0;
        for (int box = 0; box < 8; box++)
        {
            uint six = (BitOperations.RotateLeft(right, (4 * box) + 5) ^ (uint)(key >> (42 - (6 * box)))) & 0x3f;
            uint row = ((six >> 4) & 2) | (six & 1);
            byte digit = Selections[(int)((uint)(box * 64) + (row * 16) + ((six >> 1) & 0xf))];
            mixed = (mixed << 4) | (uint)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        }

        return (uint)Permute(mixed, 32, Permutation);
    }

    private static ulong[] Schedule(ulong key)
    {
        const int Half = 28;
        const ulong Mask = (1UL << Half) - 1;
        ulong bits = Permute(key, 64, KeyChoice1);
        ulong[] keys = new ulong[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            int shift = round is 0 or 1 or 8 or 15 ? 1 : 2;
            ulong c = bits >> Half;
            ulong d = bits & Mask;
            c = ((c << shift) | (c >> (Half - shift))) & Mask;
            d = ((d << shift) | (d >> (Half - shift))) & Mask;
            bits = (c << Half) | d;
            keys[round] = Permute(bits, 2 * Half, KeyChoice2);
        }

        return keys;
    }

    private static ulong Permute(ulong bits, int width, ReadOnlySpan<byte> table)
    {
        ulong permuted = 0;
        foreach (byte position in table)
        {
            permuted = (permuted << 1) | ((bits >> (width - position)) & 1);
        }

        return permuted;
    }
}
