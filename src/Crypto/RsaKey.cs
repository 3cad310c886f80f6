using System;
using System.IO;
using System.Numerics;

namespace Azprovision.Crypto;

/// <summary>
/// A private RSA key (RFC 8017 3.2, the second form). The BCL's numbers cannot be wiped: the key is made for one answer of
/// the platform and is worth nothing after that.
/// </summary>
internal sealed class RsaKey
{
    internal const int Exponent = 65537;

    private readonly BigInteger _p;
    private readonly BigInteger _q;
    private readonly BigInteger _exponentP;
    private readonly BigInteger _exponentQ;
    private readonly BigInteger _coefficient;

    private RsaKey(BigInteger p, BigInteger q)
    {
        Modulus = p * q;
        _p = p;
        _q = q;
        _exponentP = Inverse(p - 1);
        _exponentQ = Inverse(q - 1);
        _coefficient = ModularPower.Of(q, p - 2, p);   // Fermat
    }

    internal BigInteger Modulus { get; }

    internal int Size => Modulus.GetByteCount(isUnsigned: true);

    /// <summary>Two primes that FIPS 186-5 A.1.3 allows with each other and with the exponent.</summary>
    internal static RsaKey Generate(int bits, Action<byte[]> random)
    {
        while (true)
        {
            BigInteger p = Prime.Find(bits / 2, random);
            BigInteger q = Prime.Find(bits / 2, random);
            bool isFarApart = BigInteger.Abs(p - q) > BigInteger.One << ((bits / 2) - 100);
            if (isFarApart && (p - 1) % Exponent != 0 && (q - 1) % Exponent != 0)
            {
                return new RsaKey(p, q);
            }
        }
    }

    /// <summary>RSADP and RSASP1 (RFC 8017 5.1.2): the private operation, with leading zeros.</summary>
    internal byte[] Apply(ReadOnlySpan<byte> input)
    {
        var number = new BigInteger(input, isUnsigned: true, isBigEndian: true);
        if (input.Length != Size || number >= Modulus)
        {
            throw new InvalidDataException($"{input.Length} bytes are no number below the modulus of {Size}");
        }

        BigInteger first = ModularPower.Of(number, _exponentP, _p);
        BigInteger second = ModularPower.Of(number, _exponentQ, _q);
        BigInteger difference = ((first - second) * _coefficient % _p + _p) % _p;
        byte[] digits = (second + (_q * difference)).ToByteArray(isUnsigned: true, isBigEndian: true);
        byte[] output = new byte[Size];
        digits.CopyTo(output.AsSpan(Size - digits.Length));
        digits.AsSpan().Clear();
        return output;
    }

    /// <summary>Of the public exponent, which is a prime and no divisor of the modulus.</summary>
    private static BigInteger Inverse(BigInteger modulus)
    {
        BigInteger multiple = Exponent - ModularPower.Of(modulus, Exponent - 2, Exponent);
        return ((multiple * modulus) + 1) / Exponent;
    }
}
