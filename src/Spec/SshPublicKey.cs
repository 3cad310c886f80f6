using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Azprovision.Spec;

/// <summary>One line of an authorized_keys file without options: "type base64 [comment]" (sshd(8)).</summary>
internal sealed record SshPublicKey
{
    private const int MaxLength = 16 << 10;

    // A byte order mark and a space of no width come along with what is copied from a page or an editor.
    private static readonly char[] s_around = [' ', '\t', '\uFEFF', '\u200B'];

    // ssh-keygen -Q key-plain and key-cert of OpenSSH 9; ssh-dss is still accepted by older ones.
    private static readonly string[] s_types =
    [
        "ssh-ed25519", "ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", "ssh-ed25519-cert-v01@openssh.com",
        "ssh-rsa-cert-v01@openssh.com", "ssh-dss-cert-v01@openssh.com", "ecdsa-sha2-nistp256-cert-v01@openssh.com",
        "ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp521-cert-v01@openssh.com",
        "sk-ssh-ed25519-cert-v01@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    ];

    private SshPublicKey(string type, string blob, string comment)
    {
        Type = type;
        Blob = blob;
        Comment = comment;
    }

    internal string Type { get; }

    /// <summary>The key itself in base64, which is what makes two lines the same key.</summary>
    internal string Blob { get; }

    internal string Comment { get; }

    internal string Line => Comment.Length > 0 ? $"{Type} {Blob} {Comment}" : $"{Type} {Blob}";

    /// <summary>
    /// The keys in one value of the platform, as in a file of them: "#" begins a comment line. Line breaks inside a key are
    /// taken out (the platform was seen to wrap long keys), unless the next line begins a key of its own.
    /// </summary>
    /// <param name="problems">what is no key is left out, and why is added here</param>
    internal static List<SshPublicKey> ParseAll(string value, List<string> problems)
    {
        var keys = new List<SshPublicKey>();
        if (value.Length > MaxLength)
        {
            problems.Add($"SSH key of {value.Length} characters is longer than {MaxLength}");
            return keys;
        }

        if (value.Contains("PRIVATE KEY-", StringComparison.Ordinal))
        {
            problems.Add("SSH key is a private key (not shown), a public one is needed");
            return keys;
        }

        List<string> lines;
        try
        {
            lines = Unwrap(Ssh2PublicKey.ToOpenSsh(value));
        }
        catch (InvalidDataException e)
        {
            problems.Add(e.Message);
            return keys;
        }

        if (lines.Count == 0)
        {
            problems.Add("SSH key is empty");
        }

        foreach (string line in lines)
        {
            try
            {
                keys.Add(Parse(line));
            }
            catch (InvalidDataException e)
            {
                problems.Add(e.Message);
            }
        }

        return keys;
    }

    /// <summary>Parses one line, or null when it is no key without options.</summary>
    internal static SshPublicKey? TryParse(string line)
    {
        try
        {
            return Parse(line);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static List<string> Unwrap(string value)
    {
        var lines = new List<string>();
        foreach (string whole in value.Split('\r', '\n'))
        {
            string part = whole.Trim(s_around);
            if (part.Length == 0 || part[0] == '#')
            {
                continue;
            }

            if (lines.Count == 0 || BeginsKey(part))
            {
                lines.Add(part);
                continue;
            }

            // The rest of the base64, unless that has not begun yet or is complete.
            bool isInside = lines[^1].AsSpan().ContainsAny(' ', '\t') && TryParse(lines[^1]) is null;
            lines[^1] += isInside ? part : $" {part}";
        }

        return lines;
    }

    internal static SshPublicKey Parse(string line)
    {
        string text = line.Trim(' ', '\t');
        foreach (char c in text)
        {
            if (char.IsControl(c) && c != '\t')
            {
                throw Bad(text, $"contains the control character '{Printable.Of(c.ToString())}'");
            }
        }

        string[] words = text.Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            throw new InvalidDataException("SSH key is empty");
        }

        if (Array.IndexOf(s_types, words[0]) < 0)
        {
            throw Bad(text, $"has the type '{Printable.Of(words[0])}', which OpenSSH does not know");
        }

        if (words.Length < 2)
        {
            throw Bad(text, "has a type but no key");
        }

        byte[] blob = new byte[words[1].Length];
        if (!Convert.TryFromBase64String(words[1], blob, out int length))
        {
            throw Bad(text, "is not base64 after its type");
        }

        CheckBlob(text, words[0], blob.AsSpan(0, length));
        return new SshPublicKey(words[0], words[1], words.Length > 2 ? words[2].Trim(' ', '\t') : "");
    }

    // A key is a run of strings, each with its length as 4 bytes big-endian, the first one the type (RFC 4253 6.6).
    // Certificates have other fields behind it and are checked for the type alone.
    private static void CheckBlob(string text, string type, ReadOnlySpan<byte> blob)
    {
        bool first = true;
        int fields = 0;
        while (blob.Length > 0)
        {
            uint length = blob.Length < 4 ? uint.MaxValue : System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(blob);
            if (length > blob.Length - 4)
            {
                throw Bad(text, "is cut short or damaged inside its base64");
            }

            if (first && !blob.Slice(4, (int)length).SequenceEqual(Encoding.ASCII.GetBytes(type)))
            {
                throw Bad(text, "has another type inside its base64");
            }

            first = false;
            fields++;
            blob = blob[(4 + (int)length)..];
            if (type.Contains("-cert-", StringComparison.Ordinal))
            {
                return;
            }
        }

        if (fields < 2)
        {
            throw Bad(text, "is cut short or damaged inside its base64");
        }
    }

    private static bool BeginsKey(string line)
    {
        string[] words = line.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 2 && Array.IndexOf(s_types, words[0]) >= 0;
    }

    private static InvalidDataException Bad(string text, string problem) =>
        new($"SSH key '{Printable.Of(text)}' {problem}");
}

/// <summary>A key and the file it belongs in; null: the user's file as sshd is set up.</summary>
internal sealed record AuthorizedKey(SshPublicKey Key, string? Path);
