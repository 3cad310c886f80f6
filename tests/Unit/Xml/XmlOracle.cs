using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using Azprovision.Xml;

namespace Azprovision.Tests.Unit.Xml;

/// <summary>What XmlScanner and the BCL's XmlReader make of a document, and where they are meant to differ.</summary>
internal static class XmlOracle
{
    private static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
    };

    private static readonly Regex s_laxDeclaration = new(
        """^<\?xml[^?]*(version\s*=\s*["']1\.0[^"']|encoding\s*=\s*(["'])(?![A-Za-z][A-Za-z0-9._-]*\2))""");

    private static readonly Regex s_largeNumber = new("&#(x[0-9A-Fa-f]{6,}|[0-9]{7,});");

    /// <summary>
    /// Why they differ by intent, and how it is known: the document, what the scanner says (null: it reads it), and what
    /// XmlReader does.
    /// </summary>
    private static readonly (string Reason, Func<string, string?, string?, bool> IsIt)[] s_differences =
    [
        ("the scanner has limits", (_, ours, _) => ours?.Contains("more than 64", StringComparison.Ordinal) == true),
        ("XmlReader knows the names of XML 1.0's fourth edition", (text, ours, theirs) =>
            ours is null && theirs is not null && text.EnumerateRunes().Any(IsNameOfTheFifthEditionOnly)),
        ("XmlReader takes some numbers beyond U+10FFFF for other characters", (text, ours, theirs) =>
            ours is not null && theirs is null && s_largeNumber.IsMatch(text)),
        ("XmlReader allows an element the prefix xmlns", (text, ours, theirs) =>
            ours is not null && theirs is null && text.Contains("<xmlns:", StringComparison.Ordinal)),
        ("XmlReader refuses values of xml:space that only a DTD could forbid", (_, ours, theirs) =>
            ours is null && theirs?.Contains("xml:space", StringComparison.Ordinal) == true),
        ("XmlReader knows a version by its beginning, and allows any name of an encoding", (text, ours, theirs) =>
            ours is not null && theirs is null && s_laxDeclaration.IsMatch(text)),
    ];

    /// <summary>Null when they agree, or differ by intent; else what each says.</summary>
    internal static string? Disagreement(string text)
    {
        (string events, string? problem) ours = Scan(text);
        (string events, string? problem) theirs = Read(text);
        bool agree = (ours.problem is null) == (theirs.problem is null)
            && (ours.problem is not null || ours.events == theirs.events);
        return agree || s_differences.Any(difference => difference.IsIt(text, ours.problem, theirs.problem))
            ? null
            : $"'{text}'\nXmlScanner: {ours.problem}\n{ours.events}\nXmlReader: {theirs.problem}\n{theirs.events}";
    }

    /// <summary>The events in one line each, and the problem that ended them.</summary>
    internal static (string Events, string? Problem) Scan(string text)
    {
        var events = new StringBuilder();
        var lines = new List<int> { 0 };
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
            {
                lines.Add(i + 1);
            }
        }

        var content = new StringBuilder();
        var scanner = new XmlScanner(text, "test");
        bool wasEmptyTag = false;
        try
        {
            for (XmlScanner.Event next = scanner.Read(); next != XmlScanner.Event.EndOfDocument; next = scanner.Read())
            {
                if (next == XmlScanner.Event.Text)
                {
                    content.Append(scanner.Text);
                    continue;
                }

                AppendContent(events, content);
                int mark = next == XmlScanner.Event.Element ? "<".Length : "</".Length;
                if (next == XmlScanner.Event.Element)
                {
                    AppendElement(events, scanner.Depth, scanner.Namespace, scanner.LocalName);
                    foreach (XmlScanner.Attribute a in scanner.Attributes)
                    {
                        AppendAttribute(events, a.Prefix, a.Namespace!, a.LocalName, a.Value);
                    }

                    AppendPlace(events, lines, scanner.Start + mark);
                }
                else if (!wasEmptyTag)
                {
                    AppendPlace(events.Append(scanner.Depth).Append(" end"), lines, scanner.Start + mark);
                }
                else
                {
                    events.Append("empty\n");
                }

                wasEmptyTag = scanner.IsEmptyTag;
            }

            return (events.ToString(), null);
        }
        catch (InvalidDataException e)
        {
            return (events.ToString(), e.Message);
        }
    }

    private static (string Events, string? Problem) Read(string text)
    {
        var events = new StringBuilder();
        var content = new StringBuilder();
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), s_settings);
            var lines = (IXmlLineInfo)reader;
            while (reader.Read())
            {
                switch (reader.NodeType)
                {
                    case XmlNodeType.Element:
                        AppendContent(events, content);
                        AppendElement(events, reader.Depth, reader.NamespaceURI, reader.LocalName);
                        (int line, int column, bool isEmpty) = (lines.LineNumber, lines.LinePosition, reader.IsEmptyElement);
                        while (reader.MoveToNextAttribute())
                        {
                            if (reader.NamespaceURI != "http://www.w3.org/2000/xmlns/")
                            {
                                AppendAttribute(
                                    events, reader.Prefix, reader.NamespaceURI, reader.LocalName, reader.Value);
                            }
                        }

                        events.Append(" at ").Append(line).Append(',').Append(column).Append(isEmpty ? "\nempty\n" : "\n");
                        break;
                    case XmlNodeType.EndElement:
                        AppendContent(events, content);
                        events.Append(reader.Depth).Append(" end at ").Append(lines.LineNumber).Append(',')
                            .Append(lines.LinePosition).Append('\n');
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace
                        or XmlNodeType.SignificantWhitespace when reader.Depth > 0:
                        content.Append(reader.Value);
                        break;
                }
            }

            return (events.ToString(), null);
        }
        catch (XmlException e)
        {
            return (events.ToString(), e.Message);
        }
    }

    private static void AppendContent(StringBuilder events, StringBuilder content)
    {
        if (content.Length > 0)
        {
            events.Append('"').Append(content).Append("\"\n");
            content.Clear();
        }
    }

    private static void AppendElement(StringBuilder events, int depth, string ns, string name) =>
        events.Append(depth).Append(" {").Append(ns).Append('}').Append(name);

    private static void AppendAttribute(StringBuilder events, string prefix, string ns, string name, string value) =>
        events.Append(' ').Append(prefix).Append("={").Append(ns).Append('}').Append(name).Append("='").Append(value)
            .Append('\'');

    private static void AppendPlace(StringBuilder events, List<int> lines, int index)
    {
        int line = lines.BinarySearch(index) is var found && found < 0 ? ~found : found + 1;
        events.Append(" at ").Append(line).Append(',').Append(index - lines[line - 1] + 1).Append('\n');
    }

    private static bool IsNameOfTheFifthEditionOnly(Rune rune) =>
        XmlCharacter.IsName(rune.Value) && (!rune.IsBmp || !XmlConvert.IsNCNameChar((char)rune.Value)
            || (XmlCharacter.IsNameStart(rune.Value) && !XmlConvert.IsStartNCNameChar((char)rune.Value)));
}
