using System;
using System.IO;

namespace Azprovision.Crypto;

/// <summary>A private RSA key (RFC 8017 3.2, the second form), to be wiped after use; what its arithmetic left in memory stays there.</summary>
internal sealed class RsaKey
{
    internal const int Exponent = 65537;

    private readonly uint[] _p;
    private readonly uint[] _q;
    private readonly uint[] _exponentP;
    private readonly uint[] _exponentQ;
    private readonly Montgomery _modulusP;
    private readonly Montgomery _modulusQ;
    private readonly uint[] _coefficient;   // 1 / q modulo p, in Montgomery's form

    private RsaKey(uint[] p, uint[] q)
    {
        Modulus = Natural.ToBytes(Natural.Multiply(p, q));
        (_p, _q) = (p, q);
        _exponentP = Inverse(p);
        _exponentQ = Inverse(q);
        _modulusP = new Montgomery(p);
        _modulusQ = new Montgomery(q);
        uint[] fermat = [.. p];
        Natural.Subtract(fermat, [2]);
        _coefficient = _modulusP.Power(_modulusP.Form(q), fermat);
    }

    /// <summary>The highest byte first, which is not 0.</summary>
    internal byte[] Modulus { get; }

    /// <summary>Two primes that FIPS 186-5 A.1.3 allows with each other and with the exponent.</summary>
    internal static RsaKey Generate(int bits, Action<byte[]> random)
    {
        while (true)
        {
            uint[] p = Prime.Find(bits / 2, random);
            uint[] q = Prime.Find(bits / 2, random);
            // They are to differ in the first 100 bits. These differ in the first 32.
            bool isFarApart = Math.Max(p[^1], q[^1]) - Math.Min(p[^1], q[^1]) > 1;
            if (isFarApart && FitsExponent(p) && FitsExponent(q))
            {
                return new RsaKey(p, q);
            }
        }
    }

    /// <summary>RSADP and RSASP1 (RFC 8017 5.1.2): the private operation, with leading zeros.</summary>
    internal byte[] Apply(ReadOnlySpan<byte> input)
    {
        uint[] number = Natural.FromBytes(input);
        if (input.Length != Modulus.Length || input.SequenceCompareTo(Modulus) >= 0)
        {
            throw new InvalidDataException($"{input.Length} bytes are not a number below the modulus of {Modulus.Length}");
        }

        uint[] second = _modulusQ.Plain(_modulusQ.Power(_modulusQ.Form(number), _exponentQ));
        uint[] factor = _modulusP.Power(_modulusP.Form(number), _exponentP);
        _modulusP.Subtract(factor, _modulusP.Form(second));
        _modulusP.Multiply(factor, factor, _coefficient);
        factor = _modulusP.Plain(factor);
        second.CopyTo(number);
        number.AsSpan(second.Length).Clear();
        Natural.AddProduct(number, _q, factor);
        return Natural.ToBytes(number);
    }

    internal void Wipe()
    {
        foreach (uint[] secret in (ReadOnlySpan<uint[]>)[_p, _q, _exponentP, _exponentQ, _coefficient])
        {
            secret.AsSpan().Clear();
        }

        _modulusP.Wipe();
        _modulusQ.Wipe();
    }

    // The exponent is a prime: it has an inverse modulo p - 1 unless it divides that.
    private static bool FitsExponent(uint[] prime) => Natural.Divide(new uint[prime.Length], prime, Exponent) != 1;

    // Of the exponent e: a multiple of p - 1 with 1 added that e divides.
    private static uint[] Inverse(uint[] prime)
    {
        uint[] modulus = [.. prime];
        modulus[0]--;
        uint[] inverse = new uint[prime.Length + 1];
        uint rest = Natural.Divide(inverse, modulus, Exponent);
        uint factor = 1;
        while ((((ulong)factor * rest) + 1) % Exponent != 0)
        {
            factor++;
        }

        inverse.AsSpan().Clear();
        inverse[0] = 1;
        Natural.AddProduct(inverse, modulus, factor);
        Natural.Divide(inverse, inverse, Exponent);
        return inverse;
    }
}
