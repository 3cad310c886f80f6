using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;

namespace Azprovision.Certificates;

/// <summary>SubjectPublicKeyInfo (RFC 5280 4.1.2.7) of the kinds that OpenSSH has too.</summary>
internal sealed class PublicKey
{
    private const string What = "public key of the certificate";

    private readonly byte[][] _fields;   // of the OpenSSH form (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4)

    private PublicKey(byte[] mark, params byte[][] fields)
    {
        Mark = mark;
        _fields = fields;
    }

    /// <summary>What a private key has in common with it: the modulus, the point.</summary>
    internal byte[] Mark { get; }

    /// <summary>"type base64", without a comment.</summary>
    internal string OpenSshLine
    {
        get
        {
            using var blob = new MemoryStream();
            byte[] length = new byte[sizeof(int)];
            foreach (byte[] part in _fields)
            {
                BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
                blob.Write(length);
                blob.Write(part);
            }

            return $"{Encoding.ASCII.GetString(_fields[0])} {Convert.ToBase64String(blob.ToArray())}";
        }
    }

    internal static PublicKey Parse(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        Asn1Reader info = new Asn1Reader(subjectPublicKeyInfo, What).Sequence();
        Asn1Reader algorithm = info.Sequence();
        string kind = algorithm.ObjectId();
        ReadOnlySpan<byte> bits = info.BitString();
        switch (kind)
        {
            case Oid.RsaEncryption:
                Asn1Reader rsa = new Asn1Reader(bits, What).Sequence();
                byte[] modulus = Positive(rsa.Integer());
                return new PublicKey(modulus, "ssh-rsa"u8.ToArray(), Positive(rsa.Integer()), modulus);
            case Oid.EcPublicKey:
                return Elliptic(algorithm.ObjectId(), bits.ToArray());
            case Oid.Ed25519 when bits.Length == 32:
                return new PublicKey(bits.ToArray(), "ssh-ed25519"u8.ToArray(), bits.ToArray());
            default:
                throw new InvalidDataException($"{What}: OpenSSH has no keys of the algorithm {kind}");
        }
    }

    /// <summary>An integer in the least bytes, as SSH's mpint is too (RFC 4251 5).</summary>
    internal static byte[] Positive(ReadOnlySpan<byte> integer)
    {
        ReadOnlySpan<byte> digits = integer.TrimStart((byte)0);
        return digits.IsEmpty || integer[0] >= 0x80
            ? throw new InvalidDataException($"{What}: a number is not positive")
            : digits[0] >= 0x80 ? [0, .. digits]
            : digits.ToArray();
    }

    private static PublicKey Elliptic(string curve, byte[] point)
    {
        (string? name, int size) = curve switch
        {
            Oid.P256 => ("nistp256", 32),
            Oid.P384 => ("nistp384", 48),
            Oid.P521 => ("nistp521", 66),
            _ => (null, 0),
        };
        const byte Uncompressed = 4;   // SEC 1, 2.3.3
        return name is null ? throw new InvalidDataException($"{What}: OpenSSH has no curve {curve}")
            : point.Length != 1 + (2 * size) || point[0] != Uncompressed
                ? throw new InvalidDataException($"{What}: no point of {name} in full")
            : new PublicKey(point, Encoding.ASCII.GetBytes($"ecdsa-sha2-{name}"), Encoding.ASCII.GetBytes(name), point);
    }
}
