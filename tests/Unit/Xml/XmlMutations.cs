using System;

namespace Azprovision.Tests.Unit.Xml;

/// <summary>Documents that are almost what another is, the same ones in every run.</summary>
internal sealed class XmlMutations(string[] good)
{
    private const int Seed = 20481;

    private static readonly string[] s_pieces =
    [
        "<", ">", "/", "/>", "</", "<a>", "</a>", "<a/>", "<b:c/>", "=", "\"", "'", "&", ";", "#", ":", "-", "!", "?",
        "[", "]", " ", "\n", "\r", "\r\n", "\t", "<!--", "-->", "--", "<?", "?>", "<?p ", "<?xml version='1.0'?>", "xml",
        "<![CDATA[", "]]>", "<!DOCTYPE a>", "&lt;", "&amp;", "&#65;", "&#x41;", "&#", "&#x", "&#0;", " b='c'",
        " xmlns='u'", " xmlns:b='u'", " xmlns:b='v'", " b:c='d'", " xml:lang='e'", "xmlns", "xml:space", "\0", "\u0001",
        "\u00e9", "\u0301", "\u4e2d", "\u2028", "\ud83d", "\ude00", "\ud83d\ude00", "\ufffe", "\ufeff", "1.0", "0",
        "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/", " encoding='utf-8'",
        " standalone='no'",
    ];

    private readonly Random _random = new(Seed);

    internal string Next()
    {
        string text = Any(good);
        for (int changes = _random.Next(1, 4); changes > 0; changes--)
        {
            int at = _random.Next(text.Length + 1);
            int length = _random.Next(Math.Min(12, text.Length - at) + 1);
            text = _random.Next(6) switch
            {
                0 => text.Insert(at, Any(s_pieces)),
                1 => text.Remove(at, length),
                2 => text.Remove(at, length).Insert(at, Any(s_pieces)),
                3 => text.Insert(_random.Next(text.Length + 1), text.Substring(at, length)),
                4 => text[..at] + (Any(good) is var other ? other[_random.Next(other.Length)..] : ""),
                _ when at < text.Length => text.Remove(at, 1).Insert(at, $"{(char)(text[at] ^ (1 << _random.Next(8)))}"),
                _ => text,
            };
        }

        return text;
    }

    private string Any(string[] list) => list[_random.Next(list.Length)];
}
