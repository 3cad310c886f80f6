using System;
using System.IO;
using Azprovision.Crypto;

namespace Azprovision.Certificates;

/// <summary>What an AlgorithmIdentifier says (RFC 5280 4.1.1.2), for those that encrypt contents or digest.</summary>
internal static class Encryption
{
    /// <summary>Decrypts by a cipher in CBC mode, whose parameter is the IV.</summary>
    internal static byte[] DecryptCbc(
        string cipher, ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> encrypted, string what)
    {
        if (key.Length != KeySize(cipher, what))
        {
            throw new InvalidDataException($"{what}: a key of {key.Length} bytes does not fit the algorithm {cipher}");
        }

        try
        {
            BlockCipher decryptor = cipher == Oid.TripleDesCbc ? new TripleDes(key) : new Aes(key);
            return decryptor.DecryptCbc(iv, encrypted);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{what}: {e.Message}", e);
        }
    }

    internal static int KeySize(string cipher, string what) => cipher switch
    {
        Oid.TripleDesCbc => TripleDes.KeySize,
        Oid.Aes128Cbc => 16,
        Oid.Aes256Cbc => 32,
        _ => throw Unknown(cipher, what),
    };

    internal static HashFunction Hash(string digest, string what) => digest switch
    {
        Oid.Sha1 or Oid.HmacWithSha1 => new Sha1(),
        Oid.Sha256 or Oid.HmacWithSha256 => new Sha256(),
        _ => throw Unknown(digest, what),
    };

    internal static InvalidDataException Unknown(string algorithm, string what) =>
        new($"{what}: the algorithm {algorithm} is not known here");
}
