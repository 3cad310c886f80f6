using System;

namespace Azprovision.Crypto;

/// <summary>
/// Arithmetic modulo an odd number n of k words, on numbers in Montgomery's form: x stands as x * 2^(32 k) modulo n
/// (Koc, Acar, Kaliski: "Analyzing and comparing Montgomery multiplication algorithms", SOS).
/// </summary>
internal sealed class Montgomery
{
    private readonly uint[] _n;
    private readonly uint _inverse;   // -1 / n modulo 2^32
    private readonly uint[] _square;   // 2^(64 k), in plain form
    private readonly uint[] _sum;

    internal Montgomery(uint[] n)
    {
        _n = n;
        _sum = new uint[(2 * n.Length) + 1];
        _inverse = n[0];   // an odd number is its own inverse in three bits; Newton's iteration doubles them
        for (int correct = 3; correct < 32; correct *= 2)
        {
            _inverse *= 2 - (n[0] * _inverse);
        }

        _inverse = 0 - _inverse;
        uint[] power = new uint[n.Length];
        power[0] = 1;
        for (int i = 0; i < 64 * n.Length; i++)
        {
            Add(power, power);
        }

        _square = power;
        One = Plain(power);
    }

    /// <summary>In Montgomery's form.</summary>
    internal uint[] One { get; }

    /// <summary>Of a number of at most 2 k words: the remainder, in Montgomery's form.</summary>
    internal uint[] Form(ReadOnlySpan<uint> number)
    {
        uint[] low = new uint[_n.Length];
        number[..Math.Min(number.Length, low.Length)].CopyTo(low);
        Multiply(low, low, _square);
        if (number.Length > low.Length)
        {
            uint[] high = Form(number[low.Length..]);   // times 2^(32 k), which it stands above
            Multiply(high, high, _square);
            Add(low, high);
        }

        return low;
    }

    internal uint[] Plain(ReadOnlySpan<uint> number)
    {
        uint[] plain = new uint[_n.Length];
        Multiply(plain, number, [1]);
        return plain;
    }

    internal uint[] Power(ReadOnlySpan<uint> number, ReadOnlySpan<uint> exponent)
    {
        const int Window = 4;   // bits of the exponent at a time
        uint[][] powers = new uint[1 << Window][];
        powers[0] = One;
        for (int i = 1; i < powers.Length; i++)
        {
            powers[i] = new uint[_n.Length];
            Multiply(powers[i], powers[i - 1], number);
        }

        uint[] power = [.. One];
        for (int bit = (32 * exponent.Length) - Window; bit >= 0; bit -= Window)
        {
            for (int i = 0; i < Window; i++)
            {
                Multiply(power, power, power);
            }

            Multiply(power, power, powers[(exponent[bit / 32] >> bit) & ((1 << Window) - 1)]);
        }

        return power;
    }

    /// <summary>Of two numbers of which one is below n; in Montgomery's form if both are.</summary>
    internal void Multiply(Span<uint> product, ReadOnlySpan<uint> a, ReadOnlySpan<uint> b)
    {
        int length = _n.Length;
        Span<uint> sum = _sum;
        sum.Clear();
        Natural.AddProduct(sum, a, b);
        for (int i = 0; i < length; i++)
        {
            Natural.AddProduct(sum[i..], _n, sum[i] * _inverse);   // this makes the word zero
        }

        Reduce(product, sum[length..]);
    }

    /// <summary>a += b</summary>
    internal void Add(Span<uint> a, ReadOnlySpan<uint> b)
    {
        Span<uint> sum = _sum.AsSpan(0, a.Length + 1);
        sum[a.Length] = 0;
        a.CopyTo(sum);
        Natural.AddProduct(sum, b, 1);
        Reduce(a, sum);
    }

    /// <summary>a -= b</summary>
    internal void Subtract(Span<uint> a, ReadOnlySpan<uint> b)
    {
        uint[] negative = [.. _n];
        Natural.Subtract(negative, b);
        Add(a, negative);
    }

    /// <summary>What tells n, which itself is the caller's.</summary>
    internal void Wipe()
    {
        One.AsSpan().Clear();
        _square.AsSpan().Clear();
        _sum.AsSpan().Clear();
    }

    // The value is below 2 n, with one word more for that.
    private void Reduce(Span<uint> target, Span<uint> value)
    {
        int length = _n.Length;
        if (value[length] != 0 || !Natural.IsLess(value[..length], _n))
        {
            Natural.Subtract(value, _n);
        }

        value[..length].CopyTo(target);
    }
}
