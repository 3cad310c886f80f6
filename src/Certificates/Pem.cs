using System;
using System.Buffers.Text;
using System.Text;
using Azprovision.Spec;

namespace Azprovision.Certificates;

/// <summary>The textual form of keys and certificates (RFC 7468).</summary>
internal static class Pem
{
    private const int LineLength = 64;

    /// <summary>In one array, so that a private key can be wiped.</summary>
    internal static byte[] Encode(string label, ReadOnlySpan<byte> bytes)
    {
        const int LineBytes = LineLength / 4 * 3;
        byte[] begin = Encoding.ASCII.GetBytes($"-----BEGIN {label}-----\n");
        byte[] end = Encoding.ASCII.GetBytes($"-----END {label}-----\n");
        int lines = (bytes.Length + LineBytes - 1) / LineBytes;
        byte[] text = new byte[begin.Length + Base64.GetMaxEncodedToUtf8Length(bytes.Length) + lines + end.Length];
        begin.CopyTo(text, 0);
        int at = begin.Length;
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> line = bytes[..Math.Min(LineBytes, bytes.Length)];
            Base64.EncodeToUtf8(line, text.AsSpan(at), out _, out int written);
            text[at + written] = (byte)'\n';
            at += written + 1;
            bytes = bytes[line.Length..];
        }

        end.CopyTo(text, at);
        return text;
    }

    /// <summary>The bytes between the first pair of lines with the label; null when there is none.</summary>
    internal static byte[]? TryDecode(string label, string text)
    {
        string begin = $"-----BEGIN {label}-----";
        int start = text.IndexOf(begin, StringComparison.Ordinal);
        int end = text.IndexOf($"-----END {label}-----", StringComparison.Ordinal);
        return start < 0 || end < start ? null : Base64Text.TryDecode(text[(start + begin.Length)..end]);
    }
}
