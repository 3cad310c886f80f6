using System;
using System.Collections.Generic;
using System.Numerics;
using System.Text;
using Azprovision.Crypto;
using Azprovision.Files;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Sshd;

/// <summary>A host key of sshd, as far as who logs in for the first time can compare it.</summary>
/// <param name="Kind">"RSA"</param>
/// <param name="Fingerprint">"SHA256:" and base64</param>
internal sealed record HostKey(string Kind, int Bits, string Fingerprint, string Comment)
{
    private const int MaxSize = 16 << 10;

    /// <summary>Those that ssh-keygen -A has made, the one first that the platform is told.</summary>
    internal static IReadOnlyList<HostKey> ReadAll(SystemRoot files)
    {
        var keys = new List<HostKey>();
        foreach (string name in files.NamesIn(SshdConfig.Directory))
        {
            if (HostKeys.IsName(name) && name.EndsWith("_key.pub", StringComparison.Ordinal)
                && files.TryRead($"{SshdConfig.Directory}/{name}", MaxSize) is { } content
                && SshPublicKey.TryParse(Encoding.UTF8.GetString(content).TrimEnd('\n')) is { } key)
            {
                // The Azure Linux Agent's default, when it still told it.
                keys.Insert(key.Type == "ssh-rsa" ? 0 : keys.Count, Of(key));
            }
        }

        return keys;
    }

    internal static HostKey Of(SshPublicKey key)
    {
        byte[] blob = Convert.FromBase64String(key.Blob);
        string fingerprint = $"SHA256:{Convert.ToBase64String(new Sha256().Of(blob)).TrimEnd('=')}";
        (string kind, int bits) = key.Type switch
        {
            "ssh-rsa" => ("RSA", BitsOfField(blob, 2)),
            "ssh-dss" => ("DSA", BitsOfField(blob, 1)),
            "ecdsa-sha2-nistp256" => ("ECDSA", 256),
            "ecdsa-sha2-nistp384" => ("ECDSA", 384),
            "ecdsa-sha2-nistp521" => ("ECDSA", 521),
            "ssh-ed25519" => ("ED25519", 256),
            _ => (key.Type, 256),   // nobody uses a certificate or a token here
        };
        return new HostKey(kind, bits, fingerprint, key.Comment.Length > 0 ? key.Comment : "no comment");
    }

    /// <summary>As ssh-keygen -l prints it.</summary>
    public override string ToString() => $"{Bits} {Fingerprint} {Printable.Of(Comment)} ({Kind})";

    // A modulus: a number with its length before it and perhaps zeros at its head (RFC 4251 5, "mpint").
    private static int BitsOfField(byte[] blob, int index)
    {
        var reader = new ByteReader(blob, "SSH key");
        for (int i = 0; i < index; i++)
        {
            reader.Skip(reader.UInt32BigEndian());
        }

        ReadOnlySpan<byte> number = reader.Bytes(reader.UInt32BigEndian()).TrimStart((byte)0);
        return number.IsEmpty ? 0 : (number.Length * 8) - (BitOperations.LeadingZeroCount((uint)number[0]) - 24);
    }
}
