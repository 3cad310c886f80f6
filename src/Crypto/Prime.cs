using System;

namespace Azprovision.Crypto;

/// <summary>Random primes (FIPS 186-5 A.1.3): each candidate is drawn anew, so that none is likelier.</summary>
internal static class Prime
{
    private const uint SmallFactorLimit = 1 << 11;

    // FIPS 186-5 table B.1 asks for 5 at 1024 bits and less for larger ones.
    private const int MillerRabinRounds = 5;

    /// <summary>A prime with the two highest of its bits set, so that the product of two has twice the bits.</summary>
    internal static uint[] Find(int bits, Action<byte[]> random)
    {
        byte[] bytes = new byte[bits / 8];
        while (true)
        {
            random(bytes);
            bytes[0] |= 0xc0;
            bytes[^1] |= 1;
            uint[] candidate = Natural.FromBytes(bytes);
            if (!HasSmallFactor(candidate) && IsProbablyPrime(candidate, random))
            {
                bytes.AsSpan().Clear();
                return candidate;
            }
        }
    }

    /// <summary>Miller-Rabin (FIPS 186-5 B.3.1) of an odd number.</summary>
    internal static bool IsProbablyPrime(uint[] number, Action<byte[]> random)
    {
        var modulus = new Montgomery(number);
        uint[] minusOne = [.. number];
        Natural.Subtract(minusOne, modulus.One);
        uint[] odd = [.. number];   // number - 1, halved as often as that goes
        int halvings = 0;
        do
        {
            Natural.Divide(odd, odd, 2);
            halvings++;
        }
        while ((odd[0] & 1) == 0);

        byte[] bytes = Natural.ToBytes(number).AsSpan().TrimStart((byte)0).ToArray();
        for (int round = 0; round < MillerRabinRounds; round++)
        {
            // In Montgomery's form already, as any number is. Nobody draws 0, 1 or -1 among so many.
            uint[] witness;
            do
            {
                random(bytes);
                witness = Natural.FromBytes(bytes);
            }
            while (!Natural.IsLess(witness, number));

            uint[] power = modulus.Power(witness, odd);
            bool passes = power.AsSpan().SequenceEqual(modulus.One);
            for (int i = 0; i < halvings && !passes; i++)
            {
                passes = power.AsSpan().SequenceEqual(minusOne);
                modulus.Multiply(power, power, power);
            }

            if (!passes)
            {
                return false;
            }
        }

        return true;
    }

    // Those that are no primes find nothing new, and cost less than to know the others.
    private static bool HasSmallFactor(uint[] number)
    {
        uint[] quotient = new uint[number.Length];
        uint factor = 3;
        while (factor < SmallFactorLimit && Natural.Divide(quotient, number, factor) != 0)
        {
            factor += 2;
        }

        return factor < SmallFactorLimit;
    }
}
