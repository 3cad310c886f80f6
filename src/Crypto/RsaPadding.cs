using System;
using System.Buffers.Binary;
using System.IO;

namespace Azprovision.Crypto;

/// <summary>What stands around a message that RSA signs or decrypts (RFC 8017 7 and 9.2).</summary>
internal static class RsaPadding
{
    // Of DigestInfo, up to the digest (RFC 8017 9.2, note 1).
    private static ReadOnlySpan<byte> Sha256Prefix =>
    [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
        0x04, 0x20,
    ];

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256.</summary>
    internal static byte[] Sign(RsaKey key, ReadOnlySpan<byte> message)
    {
        byte[] encoded = new byte[key.Modulus.Length];
        encoded.AsSpan().Fill(0xff);
        encoded[0] = 0;
        encoded[1] = 1;
        byte[] tail = [0, .. Sha256Prefix, .. new Sha256().Of(message)];
        tail.CopyTo(encoded.AsSpan(encoded.Length - tail.Length));
        return key.Apply(encoded);
    }

    /// <summary>RSAES-PKCS1-v1_5.</summary>
    internal static byte[] Decrypt(RsaKey key, ReadOnlySpan<byte> encrypted)
    {
        const int Prefix = 2;
        const int MinFill = 8;
        byte[] encoded = key.Apply(encrypted);
        int fill = encoded.AsSpan(Prefix).IndexOf((byte)0);
        byte[]? message = encoded[0] == 0 && encoded[1] == 2 && fill >= MinFill ? encoded[(Prefix + fill + 1)..] : null;
        encoded.AsSpan().Clear();
        return message ?? throw Wrong("PKCS#1 v1.5");
    }

    /// <summary>RSAES-OAEP with an empty label.</summary>
    internal static byte[] DecryptOaep(
        RsaKey key, ReadOnlySpan<byte> encrypted, HashFunction hash, HashFunction maskHash)
    {
        byte[] encoded = key.Apply(encrypted);
        int size = hash.DigestSize;
        if (encoded.Length < (2 * size) + 2)
        {
            throw Wrong("OAEP");
        }

        Span<byte> seed = encoded.AsSpan(1, size);
        Span<byte> block = encoded.AsSpan(1 + size);
        Mask(seed, block, maskHash);
        Mask(block, seed, maskHash);
        int end = block[size..].IndexOfAnyExcept((byte)0);
        bool isSound = encoded[0] == 0 && block[..size].SequenceEqual(hash.Of([])) && end >= 0 && block[size + end] == 1;
        byte[]? message = isSound ? block[(size + end + 1)..].ToArray() : null;
        encoded.AsSpan().Clear();
        return message ?? throw Wrong("OAEP");
    }

    // MGF1 (RFC 8017 B.2.1)
    private static void Mask(Span<byte> target, ReadOnlySpan<byte> seed, HashFunction hash)
    {
        byte[] counter = new byte[sizeof(int)];
        for (int at = 0; at < target.Length; at += hash.DigestSize)
        {
            BinaryPrimitives.WriteInt32BigEndian(counter, at / hash.DigestSize);
            hash.Append(seed);
            byte[] mask = hash.Of(counter);
            for (int i = 0; i < mask.Length && at + i < target.Length; i++)
            {
                target[at + i] ^= mask[i];
            }
        }
    }

    private static InvalidDataException Wrong(string scheme) =>
        new($"the {scheme} padding is wrong: encrypted for another key, or damaged");
}
