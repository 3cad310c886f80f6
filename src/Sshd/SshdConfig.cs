using System;
using System.Collections.Generic;
using Azprovision.Files;

namespace Azprovision.Sshd;

/// <summary>
/// The configuration of sshd as it reads it: the main file, and in the place of each Include the files it names. The
/// first value of a keyword wins (sshd_config(5)).
/// </summary>
internal sealed class SshdConfig
{
    internal const string Directory = "/etc/ssh";
    internal const string MainPath = Directory + "/sshd_config";
    private const int MaxDepth = 16;   // as sshd's

    private readonly List<SshdLine> _lines = [];

    private SshdConfig(SshdConfigText main) => Main = main;

    internal SshdConfigText Main { get; }

    /// <summary>Every keyword that counts for all connections, those of included files too, in sshd's order.</summary>
    internal IReadOnlyList<SshdLine> Lines => _lines;

    /// <summary>Null: there is no sshd_config, so no OpenSSH server.</summary>
    internal static SshdConfig? TryRead(SystemRoot files)
    {
        byte[]? content = files.TryRead(MainPath);
        if (content is null)
        {
            return null;
        }

        var config = new SshdConfig(SshdConfigText.Parse(MainPath, content));
        config.Add(files, config.Main, 0);
        return config;
    }

    internal SshdLine? First(string keyword)
    {
        string canonical = SshdConfigText.Canonical(keyword);
        return _lines.Find(line => line.Keyword == canonical);
    }

    /// <summary>The line of the main file that would include a file of this name, or null.</summary>
    internal SshdLine? IncludeOf(string path)
    {
        foreach (SshdLine line in Main.Keywords)
        {
            if (line.IsGlobal && line.Keyword == "include")
            {
                foreach (string pattern in line.Arguments)
                {
                    if (Matches(Absolute(pattern), path))
                    {
                        return line;
                    }
                }
            }
        }

        return null;
    }

    private void Add(SystemRoot files, SshdConfigText text, int depth)
    {
        foreach (SshdLine line in text.Keywords)
        {
            if (!line.IsGlobal)
            {
                continue;
            }

            _lines.Add(line);
            if (line.Keyword != "include" || depth == MaxDepth)
            {
                continue;
            }

            foreach (string pattern in line.Arguments)
            {
                foreach (string path in Expand(files, Absolute(pattern)))
                {
                    if (files.TryStatus(path) is { IsRegular: true } && files.TryRead(path) is { } content)
                    {
                        Add(files, SshdConfigText.Parse(path, content), depth + 1);
                    }
                }
            }
        }
    }

    private static string Absolute(string pattern) => pattern.StartsWith('/') ? pattern : $"{Directory}/{pattern}";

    // As glob(7), but wildcards only in the last part of the path, which is where everybody has them.
    private static List<string> Expand(SystemRoot files, string pattern)
    {
        int slash = pattern.LastIndexOf('/');
        string directory = pattern[..slash];
        var paths = new List<string>();
        foreach (string name in files.NamesIn(directory))
        {
            if (Matches(pattern.AsSpan(slash + 1), name) && (name[0] != '.' || pattern.AsSpan(slash + 1).StartsWith('.')))
            {
                paths.Add($"{directory}/{name}");
            }
        }

        return paths;
    }

    /// <summary>Whether the text is what the pattern with ? and * says; a * that was too short is tried one longer.</summary>
    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0;
        int t = 0;
        int star = -1;
        int starText = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                starText = t;
            }
            else if (p < pattern.Length && (pattern[p] == text[t] || (pattern[p] == '?' && text[t] != '/')))
            {
                p++;
                t++;
            }
            else if (star >= 0 && text[starText] != '/')
            {
                p = star + 1;
                t = ++starText;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimStart('*').IsEmpty;
    }
}
