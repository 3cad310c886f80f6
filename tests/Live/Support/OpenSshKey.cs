using System;
using System.Buffers.Binary;

namespace Azprovision.Tests.Live.Support;

/// <summary>A private key in the form of OpenSSH (PROTOCOL.key of its sources).</summary>
internal static class OpenSshKey
{
    /// <param name="pem">PKCS#8 (RFC 8410), which ends with the 32 bytes of the key</param>
    /// <param name="line">the public key, "ssh-ed25519 base64"</param>
    internal static string OfEd25519(string pem, string line)
    {
        byte[] seed = Convert.FromBase64String(pem.Split("-----")[2])[^32..];
        byte[] blob = Convert.FromBase64String(line.Split(' ')[1]);
        byte[] pair = [
            0, 0, 0, 1, 0, 0, 0, 1,   // twice the same, for who decrypts it
            .. blob, .. Text([.. seed, .. blob[^32..]]), .. Text([]),
        ];
        for (byte padding = 1; pair.Length % 8 != 0; padding++)
        {
            pair = [.. pair, padding];
        }

        byte[] file = [
            .. "openssh-key-v1\0"u8, .. Text("none"u8), .. Text("none"u8), .. Text([]), 0, 0, 0, 1, .. Text(blob), .. Text(pair),
        ];
        return $"-----BEGIN OPENSSH PRIVATE KEY-----\n{Convert.ToBase64String(file, Base64FormattingOptions.InsertLineBreaks)}\n"
            + "-----END OPENSSH PRIVATE KEY-----\n";
    }

    private static byte[] Text(ReadOnlySpan<byte> bytes)
    {
        byte[] length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        return [.. length, .. bytes];
    }
}
