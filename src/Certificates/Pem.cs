using System;
using System.Text;
using Azprovision.Spec;

namespace Azprovision.Certificates;

/// <summary>The textual form of keys and certificates (RFC 7468).</summary>
internal static class Pem
{
    private const int LineLength = 64;

    internal static string Encode(string label, ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder($"-----BEGIN {label}-----\n");
        string base64 = Convert.ToBase64String(bytes);
        for (int at = 0; at < base64.Length; at += LineLength)
        {
            text.Append(base64, at, Math.Min(LineLength, base64.Length - at)).Append('\n');
        }

        return text.Append($"-----END {label}-----\n").ToString();
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
