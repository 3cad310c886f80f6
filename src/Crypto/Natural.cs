using System;
using System.Runtime.InteropServices;

namespace Azprovision.Crypto;

/// <summary>
/// Numbers in words of 32 bits, the lowest first. BigInteger would cost 30 KB more, and its numbers cannot be wiped.
/// </summary>
internal static class Natural
{
    internal static uint[] FromBytes(ReadOnlySpan<byte> bigEndian)
    {
        uint[] number = new uint[(bigEndian.Length + sizeof(uint) - 1) / sizeof(uint)];
        Span<byte> bytes = MemoryMarshal.AsBytes(number.AsSpan())[..bigEndian.Length];
        bigEndian.CopyTo(bytes);
        bytes.Reverse();
        return number;
    }

    internal static byte[] ToBytes(ReadOnlySpan<uint> number)
    {
        byte[] bytes = MemoryMarshal.AsBytes(number).ToArray();
        Array.Reverse(bytes);
        return bytes;
    }

    /// <summary>Of two numbers of the same length.</summary>
    internal static bool IsLess(ReadOnlySpan<uint> a, ReadOnlySpan<uint> b)
    {
        int i = a.Length - 1;
        while (i > 0 && a[i] == b[i])
        {
            i--;
        }

        return a[i] < b[i];
    }

    /// <summary>The product, as long as both together.</summary>
    internal static uint[] Multiply(ReadOnlySpan<uint> a, ReadOnlySpan<uint> b)
    {
        uint[] product = new uint[a.Length + b.Length];
        AddProduct(product, a, b);
        return product;
    }

    /// <summary>sum += a * b, where there is room for it.</summary>
    internal static void AddProduct(Span<uint> sum, ReadOnlySpan<uint> a, ReadOnlySpan<uint> b)
    {
        for (int i = 0; i < b.Length; i++)
        {
            AddProduct(sum[i..], a, b[i]);
        }
    }

    /// <summary>sum += number * factor. To find primes is mostly this.</summary>
    internal static void AddProduct(Span<uint> sum, ReadOnlySpan<uint> number, uint factor)
    {
        ulong carry = 0;
        for (int i = 0; i < number.Length; i++)
        {
            ulong product = (ulong)number[i] * factor;
            product += sum[i];
            carry = product + (carry >> 32);
            sum[i] = (uint)carry;
        }

        carry >>= 32;
        for (int i = number.Length; carry != 0; i++)
        {
            carry += sum[i];
            sum[i] = (uint)carry;
            carry >>= 32;
        }
    }

    /// <summary>number -= other, which may be shorter</summary>
    internal static void Subtract(Span<uint> number, ReadOnlySpan<uint> other)
    {
        long rest = 0;
        for (int i = 0; i < number.Length; i++)
        {
            rest += (long)number[i] - (i < other.Length ? other[i] : 0);
            number[i] = (uint)rest;
            rest >>= 32;
        }
    }

    /// <summary>quotient = number / divisor, which may stand in the same place; returns the remainder.</summary>
    internal static uint Divide(Span<uint> quotient, ReadOnlySpan<uint> number, uint divisor)
    {
        ulong rest = 0;
        for (int i = number.Length - 1; i >= 0; i--)
        {
            (ulong digit, rest) = Math.DivRem((rest << 32) | number[i], divisor);
            quotient[i] = (uint)digit;
        }

        return (uint)rest;
    }
}
