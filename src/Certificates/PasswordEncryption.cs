using System;
using System.IO;
using Azprovision.Crypto;

namespace Azprovision.Certificates;

/// <summary>Encryption by a password, as PKCS#12 files have it; the password is always empty here.</summary>
internal sealed class PasswordEncryption
{
    private const string What = "PKCS#12";
    private const int MaxIterations = 2_000_000;   // in one file; a second of work, and a thousand times what is usual

    private int _left = MaxIterations;

    /// <summary>The empty password is the two zeros that end any password (RFC 7292 B.1), or no bytes at all.</summary>
    internal bool HasTerminator { get; set; } = true;

    private byte[] Password => HasTerminator ? [0, 0] : [];

    /// <param name="algorithm">an AlgorithmIdentifier from inside its sequence</param>
    internal byte[] Decrypt(Asn1Reader algorithm, ReadOnlySpan<byte> encrypted)
    {
        string scheme = algorithm.ObjectId();
        switch (scheme)
        {
            case Oid.PbeSha1TripleDes:
                Asn1Reader parameters = algorithm.Sequence();
                byte[] salt = parameters.OctetString();
                int iterations = parameters.Int32();
                const byte ForKey = 1;
                const byte ForIv = 2;
                byte[] key = DeriveKey(new Sha1(), ForKey, salt, iterations, TripleDes.KeySize);
                byte[] iv = DeriveKey(new Sha1(), ForIv, salt, iterations, sizeof(ulong));
                return DecryptAndWipe(Oid.TripleDesCbc, key, iv, encrypted);
            case Oid.Pbes2:
                return DecryptPbes2(algorithm.Sequence(), encrypted);
            case Oid.PbeSha1Rc2With40Bits:
                throw new InvalidDataException($"{What}: encrypted with RC2-40, which is not known here");
            default:
                throw Encryption.Unknown(scheme, What);
        }
    }

    /// <summary>The key of the MAC over the whole file (RFC 7292 4).</summary>
    internal Hmac MacKey(HashFunction hash, ReadOnlySpan<byte> salt, int iterations)
    {
        const byte ForMac = 3;
        return new Hmac(hash, DeriveKey(hash, ForMac, salt, iterations, hash.DigestSize));
    }

    // RFC 8018 6.2, appendices A.2 and A.4: its password is no bytes at all, whatever the one of the file is.
    private byte[] DecryptPbes2(Asn1Reader parameters, ReadOnlySpan<byte> encrypted)
    {
        Asn1Reader derivation = parameters.Sequence();
        if (derivation.ObjectId() is var function && function != Oid.Pbkdf2)
        {
            throw Encryption.Unknown(function, What);
        }

        Asn1Reader settings = derivation.Sequence();
        byte[] salt = settings.OctetString();
        int iterations = Take(settings.Int32());
        if (settings.IsNext(System.Formats.Asn1.Asn1Tag.Integer))
        {
            settings.Int32();   // the length of the key, which the cipher tells too
        }

        HashFunction hash = settings.HasData
            ? Encryption.Hash(settings.Sequence().ObjectId(), What)
            : new Sha1();
        Asn1Reader scheme = parameters.Sequence();
        string cipher = scheme.ObjectId();
        byte[] iv = scheme.OctetString();
        byte[] key = Pbkdf2.Derive(new Hmac(hash, []), salt, iterations, Encryption.KeySize(cipher, What));
        return DecryptAndWipe(cipher, key, iv, encrypted);
    }

    // RFC 7292 B.2
    private byte[] DeriveKey(HashFunction hash, byte purpose, ReadOnlySpan<byte> salt, int iterations, int length)
    {
        Take(iterations);
        int block = hash.BlockSize;
        byte[] diversifier = new byte[block];
        diversifier.AsSpan().Fill(purpose);
        byte[] input = [.. Repeat(salt, block), .. Repeat(Password, block)];
        byte[] key = new byte[length];
        for (int at = 0; at < length; at += hash.DigestSize)
        {
            hash.Append(diversifier);
            byte[] step = hash.Of(input);
            for (int i = 1; i < iterations; i++)
            {
                step = hash.Of(step);
            }

            step.AsSpan(0, Math.Min(step.Length, length - at)).CopyTo(key.AsSpan(at));
            for (int start = 0; start < input.Length; start += block)
            {
                AddOneAnd(step, input.AsSpan(start, block));
            }
        }

        return key;
    }

    private int Take(int iterations)
    {
        _left -= iterations;
        return iterations > 0 && iterations <= MaxIterations && _left >= 0
            ? iterations
            : throw new InvalidDataException(
                $"{What}: {iterations} iterations are none, or more than {MaxIterations} in all");
    }

    private static byte[] DecryptAndWipe(string cipher, byte[] key, byte[] iv, ReadOnlySpan<byte> encrypted)
    {
        try
        {
            return Encryption.DecryptCbc(cipher, key, iv, encrypted, What);
        }
        finally
        {
            key.AsSpan().Clear();
        }
    }

    // As often as it takes to fill whole blocks.
    private static byte[] Repeat(ReadOnlySpan<byte> bytes, int block)
    {
        byte[] repeated = new byte[(bytes.Length + block - 1) / block * block];
        for (int i = 0; i < repeated.Length; i++)
        {
            repeated[i] = bytes[i % bytes.Length];
        }

        return repeated;
    }

    // block = block + step repeated + 1, as big-endian numbers of its length
    private static void AddOneAnd(byte[] step, Span<byte> block)
    {
        int carry = 1;
        for (int i = block.Length - 1; i >= 0; i--)
        {
            carry += block[i] + step[i % step.Length];
            block[i] = (byte)carry;
            carry >>= 8;
        }
    }
}
