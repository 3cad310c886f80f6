using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Text;

namespace Azprovision.Xml;

/// <summary>
/// Reads a document from front to back: elements, attributes and texts, with their places. Comments and processing
/// instructions are passed over. What is not well-formed is refused, and so is a document type declaration: there are
/// no entities to expand, and nothing outside to read. Messages tell the place, never what stands there. Numbers in
/// brackets are productions of XML 1.0. The caller bounds the length; the time taken is linear in it.
/// </summary>
internal sealed class XmlScanner(string text, string subject)
{
    internal const int MaxDepth = 64;
    internal const int MaxAttributes = 64;   // of an element; and so many prefixes may be bound at a time

    private const string XmlNamespace = "http://www.w3.org/XML/1998/namespace";
    private const string XmlnsNamespace = "http://www.w3.org/2000/xmlns/";
    private const string CDataStart = "<![CDATA[";
    private const string CDataEnd = "]]>";
    private const string Space = " \t\r\n";   // [3]

    // Characters that never mean anything by themselves, and so may be passed over many at a time.
    private static readonly SearchValues<char> s_plain = SearchValues.Create(
        " ()*+,-./0123456789:=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private readonly List<string> _open = [];   // the names of the elements around this place
    private readonly List<Binding> _bindings = [];
    private readonly List<Attribute> _attributes = [];
    private bool _isInCData;
    private bool _hasRoot;

    // An empty tag is an element and its end. A text may come in pieces.
    internal enum Event { Element, EndElement, Text, EndOfDocument }

    /// <summary>Where the tag or text begins, and where what follows it does.</summary>
    internal int Start { get; private set; }
    internal int End { get; private set; }

    /// <summary>How many elements are around it.</summary>
    internal int Depth { get; private set; }

    internal string Text { get; private set; } = "";
    internal string LocalName { get; private set; } = "";
    internal string Namespace { get; private set; } = "";
    internal bool IsEmptyTag { get; private set; }
    internal IReadOnlyList<Attribute> Attributes => _attributes;   // but for those that declare a namespace

    internal Event Read()
    {
        if (IsEmptyTag)
        {
            IsEmptyTag = false;
            return Leave();
        }

        while (End < text.Length)
        {
            Start = End;
            Depth = _open.Count;
            if (_isInCData ? !At(CDataEnd) : Depth > 0 && !At("<"))
            {
                Demand(!At(CDataEnd));
                Text = ReadPiece(CDataEnd, _isInCData);
                return Event.Text;
            }

            if (_isInCData || (Depth > 0 && At(CDataStart)))
            {
                End += _isInCData ? CDataEnd.Length : CDataStart.Length;
                _isInCData = !_isInCData;
            }
            else if (Skip("<!--"))
            {
                SkipThrough("--");   // [15]
                Demand(Skip(">"));
            }
            else if (Skip("<?"))
            {
                SkipInstruction();
            }
            else if (Skip("</"))
            {
                Demand(Depth > 0 && Skip(_open[^1]));   // [42]
                SkipSpace();
                Demand(Skip(">"));
                return Leave();
            }
            else if (!SkipSpace())
            {
                return ReadStartTag();
            }
        }

        Demand(_open.Count == 0);
        return _hasRoot ? Event.EndOfDocument : throw new InvalidDataException($"{subject}: there is no element in it");
    }

    // [40], [44]
    private Event ReadStartTag()
    {
        Demand(!At("<!DOCTYPE"), "a document type declaration is not allowed");
        Demand(Depth < MaxDepth, "more than 64 elements inside each other");
        Demand(Skip("<") && (Depth > 0 || !_hasRoot));
        (string prefix, LocalName) = ReadQualifiedName();
        _open.Add(text[(Start + 1)..End]);
        _hasRoot = true;
        _attributes.Clear();
        bool isApart = SkipSpace();
        while (!(IsEmptyTag = Skip("/>")) && !Skip(">"))
        {
            Demand(isApart);
            ReadAttribute();
            Demand(Math.Max(_attributes.Count, _bindings.Count) <= MaxAttributes, "more than 64 attributes or namespaces");
            isApart = SkipSpace();
        }

        Namespace = NamespaceOf(prefix);
        for (int i = 0; i < _attributes.Count; i++)
        {
            Attribute one = _attributes[i];
            one = one with { Namespace = one.Prefix.Length == 0 ? "" : NamespaceOf(one.Prefix) };
            Demand(!_attributes.Exists(other => other.LocalName == one.LocalName && other.Namespace == one.Namespace));
            _attributes[i] = one;
        }

        return Event.Element;
    }

    private Event Leave()
    {
        _open.RemoveAt(_open.Count - 1);
        Depth = _open.Count;
        _bindings.RemoveAll(binding => binding.Depth == Depth);
        return Event.EndElement;
    }

    // [41]
    private void ReadAttribute()
    {
        (string prefix, string name) = ReadQualifiedName();
        string value = ReadValue();
        if (prefix != "xmlns" && (prefix.Length > 0 || name != "xmlns"))
        {
            _attributes.Add(new Attribute(prefix, name, value, null));
            return;
        }

        // Namespaces 3 and 5: "xml" and "xmlns" mean what they mean, and only what has no prefix can be taken back.
        string bound = prefix.Length == 0 ? "" : name;
        Demand(bound != "xmlns" && value != XmlnsNamespace && (bound == "xml") == (value == XmlNamespace));
        Demand(bound.Length == 0 || value.Length > 0);
        Demand(!_bindings.Exists(other => other.Depth == Depth && other.Prefix == bound));
        _bindings.Add(new Binding(Depth, bound, value));
    }

    private string NamespaceOf(string prefix)
    {
        string? bound = _bindings.FindLast(binding => binding.Prefix == prefix)?.Namespace;
        Demand(bound is not null || prefix is "" or "xml");
        return bound ?? (prefix.Length == 0 ? "" : XmlNamespace);
    }

    // [25], [10]; white space becomes spaces, but for that of references (3.3.3).
    private string ReadValue()
    {
        SkipSpace();
        Demand(Skip("="));
        SkipSpace();
        string quote = At("'") ? "'" : "\"";
        Demand(Skip(quote));
        var value = new StringBuilder();
        while (!Skip(quote))
        {
            Demand(!At("<"));
            bool isReference = At("&");
            string piece = ReadPiece(quote, isCData: false);
            value.Append(isReference ? piece : piece.Replace('\n', ' ').Replace('\t', ' '));
        }

        return value.ToString();
    }

    // A reference, a line break (2.11), or at least one character up to the next of these.
    private string ReadPiece(string end, bool isCData)
    {
        if (Skip("\r\n") || Skip("\r"))
        {
            return "\n";
        }

        if (!isCData && Skip("&"))
        {
            return ReadReference();
        }

        int start = End;
        do
        {
            int plain = text.AsSpan(End).IndexOfAnyExcept(s_plain);
            plain = plain < 0 ? text.Length - End : plain;
            End += plain;
            if (plain == 0)
            {
                SkipCharacter();   // or there is none
            }
        }
        while (End < text.Length && text[End] is not ('\r' or '&' or '<') && !At(end));
        return text[start..End];
    }

    // [66], [68], behind the "&"
    private string ReadReference()
    {
        if (!Skip("#"))
        {
            string? character = Skip("lt;") ? "<" : Skip("gt;") ? ">" : Skip("amp;") ? "&" : Skip("quot;") ? "\""
                : Skip("apos;") ? "'" : null;
            Demand(character is not null);
            return character;
        }

        int radix = Skip("x") ? 16 : 10;
        int value = 0;
        do
        {
            int digit = End < text.Length ? "0123456789ABCDEF".IndexOf(char.ToUpperInvariant(text[End])) : -1;
            Demand(digit >= 0 && digit < radix);
            value = Math.Min((value * radix) + digit, 0x110000);
            End++;
        }
        while (!Skip(";"));
        Demand(XmlCharacter.IsAllowed(value));
        return char.ConvertFromUtf32(value);
    }

    // [16], [23]
    private void SkipInstruction()
    {
        string target = ReadName();
        if (Start == 0 && target == "xml")
        {
            Demand(ReadSetting("version") == "1.0");
            string encoding = ReadSetting("encoding") ?? "any";
            Demand(encoding.Length > 0 && char.IsAsciiLetter(encoding[0])   // [81]
                && Array.TrueForAll(encoding.ToCharArray(), c => char.IsAscii(c) && XmlCharacter.IsName(c)));
            Demand(ReadSetting("standalone") is null or "yes" or "no");
            SkipSpace();
            Demand(Skip("?>") && !text.AsSpan(0, End).Contains('&'));
            return;
        }

        Demand(!target.Equals("xml", StringComparison.OrdinalIgnoreCase));
        Demand(At("?>") || SkipSpace());
        SkipThrough("?>");
    }

    private string? ReadSetting(string name) =>
        text.AsSpan(End).TrimStart(Space).StartsWith(name) && SkipSpace() && Skip(name) ? ReadValue() : null;

    private (string Prefix, string LocalName) ReadQualifiedName()
    {
        string name = ReadName();
        return Skip(":") ? (name, ReadName()) : ("", name);
    }

    private string ReadName()
    {
        int start = End;
        for (int length; End == start ? XmlCharacter.IsNameStart(At(out length)) : XmlCharacter.IsName(At(out length));)
        {
            End += length;
        }

        Demand(End > start);
        return text[start..End];
    }

    private void SkipThrough(string end)
    {
        while (!Skip(end))
        {
            SkipCharacter();
        }
    }

    private void SkipCharacter()
    {
        Demand(XmlCharacter.IsAllowed(At(out int length)));
        End += length;
    }

    private bool SkipSpace()
    {
        int start = End;
        End = text.Length - text.AsSpan(End).TrimStart(Space).Length;
        return End > start;
    }

    private bool Skip(string expected)
    {
        bool isThere = At(expected);
        End += isThere ? expected.Length : 0;
        return isThere;
    }

    private bool At(string expected) => text.AsSpan(End).StartsWith(expected);

    // The character here; behind the end and for half a surrogate pair 0, which XML does not allow.
    private int At(out int length) =>
        Rune.DecodeFromUtf16(text.AsSpan(End), out Rune rune, out length) == OperationStatus.Done ? rune.Value : 0;

    private void Demand([DoesNotReturnIf(false)] bool isSo, string otherwise = "not well-formed")
    {
        if (!isSo)
        {
            string before = text[..End].Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');   // 2.11
            int line = before.AsSpan().Count('\n') + 1;
            int column = before.Length - before.LastIndexOf('\n');
            throw new InvalidDataException($"{subject}: {otherwise} at line {line}, column {column}");
        }
    }

    internal sealed record Attribute(string Prefix, string LocalName, string Value, string? Namespace);

    private sealed record Binding(int Depth, string Prefix, string Namespace);
}
