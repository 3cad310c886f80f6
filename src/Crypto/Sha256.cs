using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using static System.Numerics.BitOperations;

namespace Azprovision.Crypto;

/// <summary>SHA-256 (FIPS 180-4 6.2).</summary>
internal sealed class Sha256 : HashFunction
{
    private const int Rounds = 64;

    private readonly uint[] _state = new uint[8];

    internal Sha256()
        : base(32, 64) => Start();

    // Both sets of constants are roots of the same primes, here to 32 bits and there to 64 (FIPS 180-4 4.2.2 and 5.3.3).
    private static uint First32(ulong value) => (uint)(value >> 32);

    protected override void Start()
    {
        for (int i = 0; i < _state.Length; i++)
        {
            _state[i] = First32(Sha512.StartValues[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Compress(ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[Rounds];
        for (int t = 0; t < 16; t++)
        {
            w[t] = BinaryPrimitives.ReadUInt32BigEndian(block[(t * sizeof(uint))..]);
        }

        for (int t = 16; t < Rounds; t++)
        {
            uint x = w[t - 15];
            uint y = w[t - 2];
            w[t] = w[t - 16] + w[t - 7]
                + (RotateRight(x, 7) ^ RotateRight(x, 18) ^ (x >> 3))
                + (RotateRight(y, 17) ^ RotateRight(y, 19) ^ (y >> 10));
        }

        ReadOnlySpan<ulong> k = Sha512.Constants;
        uint a = _state[0], b = _state[1], c = _state[2], d = _state[3];
        uint e = _state[4], f = _state[5], g = _state[6], h = _state[7];
        for (int t = 0; t < Rounds; t++)
        {
            uint turnedE = RotateRight(e, 6) ^ RotateRight(e, 11) ^ RotateRight(e, 25);
            uint turnedA = RotateRight(a, 2) ^ RotateRight(a, 13) ^ RotateRight(a, 22);
            uint first = h + w[t] + First32(k[t]) + (g ^ (e & (f ^ g))) + turnedE;
            uint second = ((a & b) | (c & (a | b))) + turnedA;
            (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }

        _state[0] += a;
        _state[1] += b;
        _state[2] += c;
        _state[3] += d;
        _state[4] += e;
        _state[5] += f;
        _state[6] += g;
        _state[7] += h;
    }

    protected override void WriteState(Span<byte> digest)
    {
        for (int i = 0; i < _state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest[(i * sizeof(uint))..], _state[i]);
        }
    }
}
