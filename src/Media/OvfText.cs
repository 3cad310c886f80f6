using System;
using System.Collections.Generic;
using System.Text;

namespace Azprovision.Media;

/// <summary>
/// The text of ovf-env.xml, decoded, so that what XmlReader says of lines and columns are places in it. A declaration of
/// another encoding is made to say UTF-8, since that is what every copy of the text will be.
/// </summary>
internal sealed class OvfText
{
    private const int MaxDeclaration = 256;

    private readonly List<int> _lines = [0];

    private OvfText(string text)
    {
        Text = text;
        for (int i = 0; i < text.Length; i++)
        {
            // CR LF, LF and CR alone each end a line (XML 1.0, 2.11).
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
            {
                _lines.Add(i + 1);
            }
        }
    }

    internal string Text { get; }

    internal static OvfText Decode(ReadOnlySpan<byte> bytes)
    {
        (Encoding encoding, int skipped) = bytes switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (Strict(Encoding.UTF8), 3),
            [0xFF, 0xFE, ..] => (Strict(Encoding.Unicode), 2),
            [0xFE, 0xFF, ..] => (Strict(Encoding.BigEndianUnicode), 2),
            [(byte)'<', 0, ..] => (Strict(Encoding.Unicode), 0),
            [0, (byte)'<', ..] => (Strict(Encoding.BigEndianUnicode), 0),
            _ => (DeclaredOf(bytes), 0),
        };
        try
        {
            return new OvfText(DeclareUtf8(encoding.GetString(bytes[skipped..])));
        }
        catch (DecoderFallbackException e)
        {
            // Neither e nor its message: they quote the bytes.
            throw OvfXml.Malformed($"byte {skipped + e.Index} is not {encoding.WebName}");
        }
    }

    /// <summary>The index of a place that IXmlLineInfo tells, both from 1.</summary>
    internal int IndexOf(int line, int column) => _lines[line - 1] + column - 1;

    /// <summary>The index behind the "&gt;" of a start tag, of which the place of the name is given.</summary>
    internal int EndOfStartTag(int line, int column)
    {
        char quote = '\0';
        int at = IndexOf(line, column);
        for (; quote != '\0' || Text[at] != '>'; at++)
        {
            if (quote == '\0' ? Text[at] is '"' or '\'' : Text[at] == quote)
            {
                quote = quote == '\0' ? Text[at] : '\0';
            }
        }

        return at + 1;
    }

    // Without a mark in front the declaration can be read as ASCII (XML 1.0, appendix F.1).
    private static Encoding DeclaredOf(ReadOnlySpan<byte> bytes)
    {
        string start = Encoding.ASCII.GetString(bytes[..Math.Min(bytes.Length, MaxDeclaration)]);
        if (NameOfEncoding(start) is not { } range)
        {
            return Strict(Encoding.UTF8);
        }

        return start[range].ToUpperInvariant() switch
        {
            // UTF-16 cannot be true of what reads as ASCII: some program changed the bytes, but not the declaration.
            "UTF-8" or "UTF8" or "US-ASCII" or "UTF-16" => Strict(Encoding.UTF8),
            "ISO-8859-1" => Encoding.Latin1,
            _ => throw OvfXml.Malformed("the encoding that it declares is neither UTF-8, UTF-16 nor ISO-8859-1"),
        };
    }

    private static Encoding Strict(Encoding encoding) => Encoding.GetEncoding(
        encoding.CodePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);

    private static string DeclareUtf8(string text) => NameOfEncoding(text) is { } name
        ? string.Concat(text.AsSpan(0, name.Start.Value), "utf-8", text.AsSpan(name.End.Value))
        : text;

    /// <summary>Where the name stands in an encoding="name" of the XML declaration.</summary>
    private static Range? NameOfEncoding(string text)
    {
        const string Keyword = "encoding";
        int end = text.StartsWith("<?xml", StringComparison.Ordinal)
            ? text.AsSpan(0, Math.Min(text.Length, MaxDeclaration)).IndexOf("?>")
            : -1;
        int at = end < 0 ? -1 : text.IndexOf(Keyword, 0, end, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        int open = text.AsSpan(at, end - at).IndexOfAny('"', '\'');
        int start = at + open + 1;
        int length = open < 0 ? -1 : text.AsSpan(start, end - start).IndexOf(text[start - 1]);
        return length < 0 ? null : start..(start + length);
    }
}
