using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Azprovision.Files;

namespace Azprovision.Sshd;

/// <summary>
/// One file in the format of sshd_config(5): its lines, and what the keywords among them are. A line of ours has a comment above
/// it with what it is and what the image had in its place, so that it can be undone.
/// </summary>
internal sealed class SshdConfigText
{
    private const string MarkStart = "# Written by azprovision: \"";
    private const string MarkEnd = "\" in the place of:";

    private static readonly char[] s_blanks = [' ', '\t', '\r', '\f'];

    private readonly TextLines _lines;

    private SshdConfigText(string path, ReadOnlySpan<byte> content)
    {
        Path = path;
        _lines = TextLines.Parse(content);
        var keywords = new List<SshdLine>();
        bool isGlobal = true;
        bool overrides = false;
        List<string>? match = null;
        FirstMatch = _lines.Count;
        for (int i = 0; i < _lines.Count; i++)
        {
            List<string> words = Words(_lines[i]);
            if (words.Count == 0)
            {
                continue;
            }

            string keyword = Canonical(words[0]);
            if (keyword == "match")
            {
                FirstMatch = Math.Min(FirstMatch, i);
                overrides = words is [_, string only] && only.Equals("all", StringComparison.OrdinalIgnoreCase);
                isGlobal = overrides;
                match = isGlobal ? null : words.GetRange(1, words.Count - 1);
            }

            keywords.Add(new SshdLine(path, i, keyword, words.GetRange(1, words.Count - 1), isGlobal, overrides, match));
        }

        Keywords = keywords;
    }

    internal string Path { get; }

    internal IReadOnlyList<SshdLine> Keywords { get; }

    /// <summary>Some line was changed or added.</summary>
    internal bool IsChanged { get; private set; }

    /// <summary>The index of the first Match line, or of the end: what is inserted there counts for every connection.</summary>
    internal int FirstMatch { get; }

    internal static SshdConfigText Parse(string path, ReadOnlySpan<byte> content) => new(path, content);

    /// <summary>Keywords are not case-sensitive, and one of ours had an older name.</summary>
    internal static string Canonical(string keyword) => keyword.ToLowerInvariant() switch
    {
        "skeyauthentication" => "challengeresponseauthentication",
        string other => other,
    };

    /// <summary>Gives the keyword that stands on this line another value; its spelling and indent stay.</summary>
    internal void SetValue(int index, string value)
    {
        string line = _lines[index];
        string end = line.EndsWith('\r') ? "\r" : "";
        int afterKeyword = line.Length - line.TrimStart(s_blanks).Length;
        _ = Word(line, ref afterKeyword, isKeyword: true);
        string ours = $"{line.AsSpan(0, afterKeyword)} {value}{end}";
        if (index > 0 && TryParseMark(_lines[index - 1], out string? before, out string? images) && before == line)
        {
            _lines[index - 1] = Mark(ours, images);
            _lines[index] = ours;
        }
        else
        {
            _lines[index] = $"{Mark(ours, line)}\n{ours}";   // one item, so that no index moves
        }

        IsChanged = true;
    }

    /// <summary>Inserts a line where the image has none.</summary>
    internal void Add(int index, string line)
    {
        _lines.Insert(index, $"{Mark(line, "")}\n{line}");
        IsChanged = true;
    }

    /// <summary>The file with the image's lines in the place of ours, but with what somebody has made of those; null: none is there.</summary>
    internal static byte[]? TryUndo(ReadOnlySpan<byte> content)
    {
        TextLines lines = TextLines.Parse(content);
        bool isChanged = false;
        for (int i = 0; i < lines.Count;)
        {
            if (!TryParseMark(lines[i], out string? ours, out string? images))
            {
                i++;
                continue;
            }

            isChanged = true;
            lines.RemoveAt(i);
            if (i == lines.Count || lines[i] != ours)
            {
                continue;
            }

            if (images.Length > 0)
            {
                lines[i++] = images;
            }
            else
            {
                lines.RemoveAt(i);
            }
        }

        return isChanged ? lines.ToBytes() : null;
    }

    internal byte[] ToBytes() => _lines.ToBytes();

    private static string Mark(string ours, string images)
    {
        string end = ours.EndsWith('\r') ? "\r" : "";
        string image = images.TrimEnd('\r');
        return $"{MarkStart}{ours.TrimEnd('\r')}{MarkEnd}{(image.Length > 0 ? " " : "")}{image}{end}";
    }

    /// <param name="images">empty: it had nothing</param>
    private static bool TryParseMark(string line, [NotNullWhen(true)] out string? ours, [NotNullWhen(true)] out string? images)
    {
        ours = images = null;
        int end = line.IndexOf(MarkEnd, StringComparison.Ordinal);
        if (!line.StartsWith(MarkStart, StringComparison.Ordinal) || end < MarkStart.Length)
        {
            return false;
        }

        string rest = line[(end + MarkEnd.Length)..];
        ours = line[MarkStart.Length..end] + (line.EndsWith('\r') ? "\r" : "");
        images = rest.StartsWith(' ') ? rest[1..] : "";
        return true;
    }

    // A keyword, blanks or one "=", and arguments that may be in quotes of either kind; "#" begins a comment.
    private static List<string> Words(string line)
    {
        var words = new List<string>();
        int at = 0;
        while (true)
        {
            while (at < line.Length && (line[at] is ' ' or '\t' or '\r' or '\f' || (line[at] == '=' && words.Count == 1)))
            {
                at++;
            }

            if (at == line.Length || line[at] == '#')
            {
                return words;
            }

            words.Add(Word(line, ref at, isKeyword: words.Count == 0));
        }
    }

    private static string Word(string line, ref int at, bool isKeyword)
    {
        var word = new StringBuilder();
        char quote = '\0';
        for (; at < line.Length; at++)
        {
            char c = line[at];
            if (quote != '\0' ? c == quote : c is '"' or '\'')
            {
                quote = quote == '\0' ? c : '\0';
            }
            else if (quote == '\0' && (c is ' ' or '\t' or '\r' or '\f' || (isKeyword && c == '=')))
            {
                break;
            }
            else
            {
                word.Append(c);
            }
        }

        return word.ToString();
    }
}

/// <summary>A keyword of an sshd_config(5) with its arguments, and where it stands.</summary>
/// <param name="Keyword">lower case, and of two names for one thing the newer</param>
/// <param name="IsGlobal">it counts for every connection: no Match but "Match all" stands above it in its file</param>
/// <param name="Overrides">it stands below "Match all", and so counts before what stands above every Match</param>
/// <param name="Match">the criteria under which it counts; null: it is global</param>
internal sealed record SshdLine(
    string Path, int Index, string Keyword, IReadOnlyList<string> Arguments, bool IsGlobal, bool Overrides,
    IReadOnlyList<string>? Match = null)
{
    /// <summary>Whether this is its one argument, in whatever case.</summary>
    internal bool Says(string value) => Arguments is [string only] && only.Equals(value, StringComparison.OrdinalIgnoreCase);
}
