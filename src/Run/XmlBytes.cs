using System;
using System.IO;
using System.Text;

namespace Azprovision.Run;

/// <summary>
/// The text of an XML document that came as bytes, read where it is plain what is meant: white space before the
/// declaration and NULs behind the end are dropped, and a declared UTF-16 is not believed of bytes that read as ASCII.
/// The declaration is made to say UTF-8, since that is what every copy of the text will be.
/// </summary>
internal static class XmlBytes
{
    // 0x80 to 0x9F; all others are those of ISO 8859-1.
    private const string Windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";

    /// <param name="subject">what the message of an InvalidDataException begins with</param>
    internal static string Decode(ReadOnlySpan<byte> bytes, string subject)
    {
        // XML 1.0, appendix F.1, but for UTF-32
        (Encoding? encoding, int mark) = bytes switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
            [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
            [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
            [_, 0, ..] => (Encoding.Unicode, 0),
            [0, _, ..] => (Encoding.BigEndianUnicode, 0),
            _ => ((Encoding?)null, 0),
        };
        bool isWindows = false;
        if (encoding is null)
        {
            string start = Trim(Encoding.Latin1.GetString(bytes[..(bytes.IndexOf("?>"u8) + 1)]));
            string name = NameOfEncoding(start) is { } range ? start[range].ToUpperInvariant() : "UTF-8";
            isWindows = name is "WINDOWS-1252" or "CP1252";
            encoding = name switch
            {
                "UTF-8" or "UTF8" or "US-ASCII" or "ASCII" or "UTF-16" => Encoding.UTF8,
                "ISO-8859-1" or "ISO8859-1" or "ISO_8859-1" or "LATIN1" or "LATIN-1" => Encoding.Latin1,
                _ when isWindows => Encoding.Latin1,
                _ => throw new InvalidDataException(
                    $"{subject}: the encoding that it declares is none of UTF-8, UTF-16, ISO-8859-1 and windows-1252"),
            };
        }

        try
        {
            string text = Trim(Encoding.GetEncoding(
                encoding.CodePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback).GetString(bytes[mark..]));
            return DeclareUtf8(isWindows ? FromWindows(text) : text);
        }
        catch (DecoderFallbackException e)
        {
            // Neither e nor its message: they quote the bytes.
            throw new InvalidDataException($"{subject}: byte {mark + e.Index} is not {encoding.WebName}");
        }
    }

    private static string Trim(string text)
    {
        string end = text.TrimEnd('\0');
        string trimmed = end.TrimStart(' ', '\t', '\r', '\n');
        return trimmed.StartsWith("<?xml", StringComparison.Ordinal) ? trimmed : end;
    }

    private static string FromWindows(string text) => string.Create(text.Length, text, static (characters, latin) =>
    {
        for (int i = 0; i < latin.Length; i++)
        {
            characters[i] = latin[i] is >= '\u0080' and <= '\u009F' ? Windows1252[latin[i] - 0x80] : latin[i];
        }
    });

    private static string DeclareUtf8(string text) => NameOfEncoding(text) is { } name
        ? string.Concat(text.AsSpan(0, name.Start.Value), "utf-8", text.AsSpan(name.End.Value))
        : text;

    // Where the name stands in the XML declaration; whether that is well-formed is for the scanner to say.
    private static Range? NameOfEncoding(string text)
    {
        int end = text.StartsWith("<?xml", StringComparison.Ordinal) ? text.IndexOf('?', "<?xml".Length) : -1;
        int keyword = end < 0 ? -1 : text.IndexOf("encoding", 0, end, StringComparison.Ordinal);
        int open = keyword < 0 ? -1 : text.IndexOfAny(['"', '\''], keyword, end - keyword);
        int close = open < 0 ? -1 : text.IndexOf(text[open], open + 1, end - open - 1);
        return close < 0 ? null : (open + 1)..close;
    }
}
