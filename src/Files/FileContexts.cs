using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Azprovision.Files;

/// <summary>
/// Which label the root's SELinux policy gives to a path (selabel_file(5)): the last rule that fits, where a path that
/// is written out comes before any pattern, below the names that the policy has for other directories.
/// </summary>
internal sealed class FileContexts
{
    private const int MaxRules = 100_000;

    private readonly List<Rule> _patterns = [];
    private readonly List<Rule> _paths = [];   // rules without anything of a pattern
    private readonly List<(string From, string To)> _localNames;
    private readonly List<(string From, string To)> _names;

    private FileContexts(SystemRoot root, string file)
    {
        foreach (string ending in (ReadOnlySpan<string>)["", ".homedirs", ".local"])
        {
            AddRules(ReadAll(root, file + ending));
        }

        _localNames = ReadNames(root, $"{file}.subs");
        _names = ReadNames(root, $"{file}.subs_dist");
    }

    /// <summary>Of the policy that /etc/selinux/config names; a root without one has no rules.</summary>
    internal static FileContexts Read(SystemRoot root) =>
        new(root, $"/etc/selinux/{PolicyType(root)}/contexts/files/file_contexts");

    /// <param name="path">without links in it</param>
    /// <param name="kind">'-' a file, 'd' a directory, 'l' a link, as in the rules</param>
    /// <returns>as it is stored, with the zero byte at its end; null where the policy says nothing or "none"</returns>
    internal byte[]? LabelFor(string path, char kind)
    {
        byte[] name = Encoding.UTF8.GetBytes(Rename(_names, Rename(_localNames, path)));
        return (LastFit(_paths, name, kind) ?? LastFit(_patterns, name, kind))?.Label;
    }

    private static Rule? LastFit(List<Rule> rules, ReadOnlySpan<byte> path, char kind)
    {
        for (int i = rules.Count - 1; i >= 0; i--)
        {
            if (rules[i].Fits(path, kind))
            {
                return rules[i];
            }
        }

        return null;
    }

    private static string PolicyType(SystemRoot root)
    {
        const string Key = "SELINUXTYPE=";
        string type = "targeted";
        TextLines lines = TextLines.Parse(ReadAll(root, "/etc/selinux/config"));
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i].Trim();
            type = line.StartsWith(Key, StringComparison.Ordinal) ? line[Key.Length..] : type;
        }

        return type;
    }

    // "/var/home /home": what is below the first is labelled as if it were below the second. The last line counts.
    private static List<(string From, string To)> ReadNames(SystemRoot root, string file)
    {
        var names = new List<(string From, string To)>();
        TextLines lines = TextLines.Parse(ReadAll(root, file));
        for (int i = lines.Count - 1; i >= 0; i--)
        {
            if (lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [{ } from, { } to, ..]
                && from[0] == '/')
            {
                names.Add((from, to));
            }
        }

        return names;
    }

    private static string Rename(List<(string From, string To)> names, string path)
    {
        foreach ((string from, string to) in names)
        {
            if (path.StartsWith(from, StringComparison.Ordinal)
                && (path.Length == from.Length || path[from.Length] == '/'))
            {
                return to == "/" && path.Length > from.Length ? path[from.Length..] : to + path[from.Length..];
            }
        }

        return path;
    }

    private static byte[] ReadAll(SystemRoot root, string file)
    {
        try
        {
            return root.TryRead(file) ?? [];
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return [];   // a label is not worth a failure: the kernel's will do
        }
    }

    private void AddRules(byte[] text)
    {
        for (int at = 0; at < text.Length && _paths.Count + _patterns.Count < MaxRules;)
        {
            int length = text.AsSpan(at).IndexOf((byte)'\n');
            int end = length < 0 ? text.Length : at + length;
            if (Rule.TryParse(text, at, end) is { } rule)
            {
                (rule.IsPattern ? _patterns : _paths).Add(rule);
            }

            at = end + 1;
        }
    }

    /// <summary>A line of file_contexts. It stays where it was read until it is asked for.</summary>
    /// <param name="Kind">of the files that the rule is for, or 0: for all</param>
    /// <param name="FixedLength">of the pattern's beginning that is to be found in the path as it stands</param>
    private readonly record struct Rule(
        byte[] Text, Range Pattern, Range Context, char Kind, int FixedLength, bool IsPattern)
    {
        internal byte[]? Label =>
            Text.AsSpan(Context).SequenceEqual("<<none>>"u8) ? null : [.. Text.AsSpan(Context), 0];

        internal bool Fits(ReadOnlySpan<byte> path, char kind)
        {
            ReadOnlySpan<byte> pattern = Text.AsSpan(Pattern);
            return (Kind == 0 || Kind == kind) && path.StartsWith(pattern[..FixedLength])
                && PathPattern.Matches(pattern[FixedLength..], path[FixedLength..]);
        }

        internal static Rule? TryParse(byte[] text, int start, int end)
        {
            Range first = NextField(text, ref start, end);
            Range second = NextField(text, ref start, end);
            Range third = NextField(text, ref start, end);
            ReadOnlySpan<byte> pattern = text.AsSpan(first);
            ReadOnlySpan<byte> kind = text.AsSpan(second);
            if (kind.Length == 0 || pattern[0] == '#')
            {
                return null;
            }

            bool isPattern = false;
            int special = pattern.Length;
            for (int i = 0; i < pattern.Length && !isPattern; i += pattern[i] == '\\' ? 2 : 1)
            {
                isPattern = ".^$?*+|[({"u8.Contains(pattern[i]);
                special = isPattern || pattern[i] == '\\' ? Math.Min(i, special) : special;
            }

            int fixedLength = special == pattern.Length ? special : pattern[special] switch
            {
                (byte)'|' => 0,
                (byte)'?' or (byte)'*' or (byte)'+' or (byte)'{' => Math.Max(special - 1, 0),
                _ => special,
            };
            return kind.Length == 2 && kind[0] == '-' && text.AsSpan(third).Length > 0
                ? new Rule(text, first, third, (char)kind[1], fixedLength, isPattern)
                : new Rule(text, first, second, default, fixedLength, isPattern);
        }

        private static Range NextField(byte[] text, ref int at, int end)
        {
            while (at < end && text[at] <= ' ')
            {
                at++;
            }

            int start = at;
            while (at < end && text[at] > ' ')
            {
                at++;
            }

            return start..at;
        }
    }
}
