using System;
using System.Collections.Generic;
using System.Numerics;

namespace Azprovision.Crypto;

/// <summary>Random primes (FIPS 186-5 A.1.3): each candidate is drawn anew, so that none is likelier.</summary>
internal static class Prime
{
    private const int SieveLimit = 1 << 13;

    // FIPS 186-5 table B.1 asks for 5 at 1024 bits and less for larger ones.
    private const int MillerRabinRounds = 5;

    private static readonly uint[] s_small = SmallPrimes();

    /// <summary>A prime with the two highest of its bits set, so that the product of two has twice the bits.</summary>
    internal static BigInteger Find(int bits, Action<byte[]> random)
    {
        byte[] bytes = new byte[bits / 8];
        while (true)
        {
            random(bytes);
            bytes[0] |= 0xc0;
            bytes[^1] |= 1;
            if (HasNoSmallFactor(bytes))
            {
                var candidate = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
                if (IsProbablyPrime(candidate, bytes.Length, random))
                {
                    bytes.AsSpan().Clear();
                    return candidate;
                }
            }
        }
    }

    /// <summary>Miller-Rabin (FIPS 186-5 B.3.1) of an odd number.</summary>
    internal static bool IsProbablyPrime(BigInteger number, int size, Action<byte[]> random)
    {
        BigInteger one = BigInteger.One;
        int shift = (int)BigInteger.TrailingZeroCount(number - one);
        BigInteger odd = (number - one) >> shift;
        byte[] bytes = new byte[size];
        for (int round = 0; round < MillerRabinRounds; round++)
        {
            BigInteger witness;
            do
            {
                random(bytes);
                witness = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
            }
            while (witness <= one || witness >= number - one);

            BigInteger power = ModularPower.Of(witness, odd, number);
            bool passes = power.IsOne || power == number - one;
            for (int i = 1; i < shift && !passes; i++)
            {
                power = power * power % number;
                passes = power == number - one;
            }

            if (!passes)
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasNoSmallFactor(ReadOnlySpan<byte> number)
    {
        foreach (uint prime in s_small)
        {
            uint rest = 0;
            foreach (byte b in number)
            {
                rest = ((rest << 8) | b) % prime;
            }

            if (rest == 0)
            {
                return false;
            }
        }

        return true;
    }

    // Odd ones, by the sieve of Eratosthenes.
    private static uint[] SmallPrimes()
    {
        bool[] isComposite = new bool[SieveLimit];
        var primes = new List<uint>();
        for (int i = 3; i < SieveLimit; i += 2)
        {
            if (!isComposite[i])
            {
                primes.Add((uint)i);
                for (int multiple = i * i; multiple < SieveLimit; multiple += 2 * i)
                {
                    isComposite[multiple] = true;
                }
            }
        }

        return [.. primes];
    }
}
