using System;
using System.Buffers;
using System.Text;

namespace Azprovision.Azure;

/// <summary>Any text as content of an XML element (XML 1.0 2.2, 2.4).</summary>
internal static class XmlText
{
    /// <summary>The text with markup characters as entities and without characters that XML forbids.</summary>
    internal static string Escape(string text)
    {
        var escaped = new StringBuilder();
        for (int at = 0; at < text.Length;)
        {
            at += Next(text, at, out string piece);
            escaped.Append(piece);
        }

        return escaped.ToString();
    }

    /// <summary>
    /// The text without characters that XML forbids, cut so that its escaped form has at most so many bytes of UTF-8. It is
    /// cut between characters, before escaping, so never inside an entity.
    /// </summary>
    internal static string Cut(string text, int maxBytes)
    {
        var kept = new StringBuilder();
        for (int at = 0; at < text.Length;)
        {
            int length = Next(text, at, out string piece);
            maxBytes -= Encoding.UTF8.GetByteCount(piece);
            if (maxBytes < 0)
            {
                break;
            }

            if (piece.Length > 0)
            {
                kept.Append(text, at, length);
            }

            at += length;
        }

        return kept.ToString();
    }

    // How many UTF-16 units the character at that place has, and its escaped form, "" when it is forbidden.
    private static int Next(string text, int at, out string piece)
    {
        OperationStatus status = Rune.DecodeFromUtf16(text.AsSpan(at), out Rune rune, out int length);
        piece = rune.Value switch
        {
            _ when status != OperationStatus.Done => "",   // half a surrogate pair
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '\r' => "&#13;",   // a bare one would be read as LF (XML 1.0 2.11)
            '\t' or '\n' => rune.ToString(),
            < 0x20 or 0xFFFE or 0xFFFF => "",
            _ => rune.ToString(),
        };
        return length;
    }
}
