using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Azprovision.Crypto;

/// <summary>SHA-1 (FIPS 180-4 6.1): names certificates and is in old formats; nothing is trusted on its word.</summary>
internal sealed class Sha1 : HashFunction
{
    private const int Rounds = 80;

    private readonly uint[] _state = new uint[5];

    internal Sha1()
        : base(20, 64) => Start();

    protected override void Start()
    {
        ReadOnlySpan<uint> start = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];   // FIPS 180-4 5.3.1
        start.CopyTo(_state);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Compress(ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[Rounds];
        for (int t = 0; t < Rounds; t++)
        {
            w[t] = t < 16
                ? BinaryPrimitives.ReadUInt32BigEndian(block[(t * sizeof(uint))..])
                : BitOperations.RotateLeft(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
        }

        uint a = _state[0], b = _state[1], c = _state[2], d = _state[3], e = _state[4];
        for (int t = 0; t < Rounds; t++)
        {
            // FIPS 180-4 4.1.1 and 4.2.1
            uint mixed = t switch
            {
                < 20 => (d ^ (b & (c ^ d))) + 0x5a827999,
                < 40 => (b ^ c ^ d) + 0x6ed9eba1,
                < 60 => ((b & c) | (d & (b | c))) + 0x8f1bbcdc,
                _ => (b ^ c ^ d) + 0xca62c1d6,
            };
            uint next = BitOperations.RotateLeft(a, 5) + mixed + e + w[t];
            e = d;
            d = c;
            c = BitOperations.RotateLeft(b, 30);
            b = a;
            a = next;
        }

        _state[0] += a;
        _state[1] += b;
        _state[2] += c;
        _state[3] += d;
        _state[4] += e;
    }

    protected override void WriteState(Span<byte> digest)
    {
        for (int i = 0; i < _state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest[(i * sizeof(uint))..], _state[i]);
        }
    }
}
