using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Azprovision.Crypto;

/// <summary>
/// Powers modulo an odd number by Montgomery's multiplication (Koc, Acar, Kaliski: "Analyzing and comparing Montgomery
/// multiplication algorithms", SOS). The BCL's ModPow takes longer, and to find primes is mostly that.
/// </summary>
internal static class ModularPower
{
    internal static BigInteger Of(BigInteger value, BigInteger exponent, BigInteger modulus)
    {
        int length = (modulus.GetByteCount(isUnsigned: true) + sizeof(ulong) - 1) / sizeof(ulong);
        int shift = length * sizeof(ulong) * 8;
        ulong[] n = Limbs(modulus, length);
        ulong[] x = Limbs((value << shift) % modulus, length);
        ulong[] power = Limbs((BigInteger.One << shift) % modulus, length);
        ulong[] sum = new ulong[(2 * length) + 2];
        foreach (byte bits in exponent.ToByteArray(isUnsigned: true, isBigEndian: true))
        {
            for (int bit = 7; bit >= 0; bit--)
            {
                Multiply(power, power, n, sum);
                if (((bits >> bit) & 1) != 0)
                {
                    Multiply(power, x, n, sum);
                }
            }
        }

        Multiply(power, Limbs(BigInteger.One, length), n, sum);
        return new BigInteger(MemoryMarshal.AsBytes<ulong>(power), isUnsigned: true);
    }

    // a = a * b / 2^(64 * length) modulo n
    private static unsafe void Multiply(ulong[] a, ulong[] b, ulong[] n, ulong[] sum)
    {
        int length = n.Length;
        ulong inverse = n[0];   // modulo 2^64, by Newton's iteration; an odd number is its own in three bits
        for (int correct = 3; correct < 64; correct *= 2)
        {
            inverse *= 2 - (n[0] * inverse);
        }

        Array.Clear(sum);
        fixed (ulong* pa = a, pn = n, ps = sum)
        {
            for (int i = 0; i < length; i++)
            {
                AddProduct(ps + i, pa, b[i], length);
                AddProduct(ps + i, pn, 0 - (sum[i] * inverse), length);   // this makes the lowest word zero
            }
        }

        // What is left above the zeros is less than twice n.
        ulong borrow = 0;
        for (int i = 0; i < length; i++)
        {
            UInt128 difference = (UInt128)sum[length + i] - n[i] - borrow;
            a[i] = (ulong)difference;
            borrow = (ulong)(difference >> 64) & 1;
        }

        if (borrow > sum[2 * length])
        {
            Array.Copy(sum, length, a, 0, length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void AddProduct(ulong* sum, ulong* a, ulong factor, int length)
    {
        ulong carry = 0;
        for (int i = 0; i < length; i++)
        {
            ulong high = Math.BigMul(a[i], factor, out ulong low);
            low += carry;
            high += low < carry ? 1UL : 0;
            low += sum[i];
            carry = high + (low < sum[i] ? 1UL : 0);
            sum[i] = low;
        }

        sum[length] += carry;
        sum[length + 1] += sum[length] < carry ? 1UL : 0;
    }

    private static ulong[] Limbs(BigInteger number, int length)
    {
        byte[] bytes = number.ToByteArray(isUnsigned: true);
        ulong[] limbs = new ulong[length];
        bytes.CopyTo(MemoryMarshal.AsBytes(limbs.AsSpan()));
        return limbs;
    }
}
