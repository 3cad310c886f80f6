using System.Collections.Generic;
using Azprovision.Files;

namespace Azprovision.Sshd;

/// <summary>
/// The configuration of sshd as it reads it: the main file, and in the place of each Include the files it names. The
/// first value of a keyword wins, but that in a block "Match all" before the others (sshd_config(5)).
/// </summary>
internal sealed class SshdConfig
{
    internal const string Directory = "/etc/ssh";
    internal const string MainPath = Directory + "/sshd_config";

    // Where distributions with a read-only /usr keep the vendor's, which sshd reads if there is no other.
    internal const string VendorPath = "/usr/etc/ssh/sshd_config";
    private const int MaxDepth = 16;   // as sshd's

    private readonly List<SshdLine> _lines = [];
    private readonly List<SshdLine> _everywhere = [];

    private SshdConfig(SshdConfigText main) => Main = main;

    internal SshdConfigText Main { get; }

    /// <summary>Null: there is no sshd_config, so no OpenSSH server.</summary>
    internal static SshdConfig? TryRead(PlannedRoot root)
    {
        string path = MainPath;
        byte[]? content = root.TryReadAdvice(path);
        if (content is null)
        {
            path = VendorPath;
            content = root.TryReadAdvice(path);
        }

        if (content is null)
        {
            return null;
        }

        var config = new SshdConfig(SshdConfigText.Parse(path, content));
        config.Add(root, config.Main, overrides: false, null, 0);
        return config;
    }

    /// <summary>Every keyword that counts for all connections, in sshd's order.</summary>
    internal IReadOnlyList<SshdLine> Lines => _lines;

    /// <summary>Those and the ones that count for some connections only, in the order in which they stand.</summary>
    internal List<SshdLine> Everywhere => _everywhere;

    /// <summary>The line that decides on a keyword for every connection, those of included files too; null: none does.</summary>
    internal SshdLine? First(string keyword)
    {
        string canonical = SshdConfigText.Canonical(keyword);
        return _lines.Find(line => line.Keyword == canonical && line.Overrides) ?? _lines.Find(line => line.Keyword == canonical);
    }

    /// <summary>Whether a file of this name is read for every connection.</summary>
    internal bool Includes(string path) => _lines.Exists(line =>
    {
        foreach (string pattern in line.Keyword == "include" ? line.Arguments : [])
        {
            if (Glob.Matches(Absolute(pattern), path))
            {
                return true;
            }
        }

        return false;
    });

    /// <param name="match">the criteria of the Match below which the file is included; null: it is for every connection</param>
    private void Add(PlannedRoot root, SshdConfigText text, bool overrides, IReadOnlyList<string>? match, int depth)
    {
        foreach (SshdLine line in text.Keywords)
        {
            bool isGlobal = line.IsGlobal && match is null;
            SshdLine read = line with
            {
                IsGlobal = isGlobal,
                Overrides = isGlobal && (overrides || line.Overrides),
                Match = isGlobal ? null : [.. match ?? [], .. line.Match ?? []],
            };
            _everywhere.Add(read);
            if (isGlobal)
            {
                _lines.Add(read);
            }

            foreach (string pattern in line.Keyword == "include" && depth < MaxDepth ? line.Arguments : [])
            {
                foreach (string path in Glob.Expand(root, Absolute(pattern)))
                {
                    if (root.TryReadAdvice(path) is { } content)
                    {
                        Add(root, SshdConfigText.Parse(path, content), read.Overrides, read.Match, depth + 1);
                    }
                }
            }
        }
    }

    private static string Absolute(string pattern) => pattern.StartsWith('/') ? pattern : $"{Directory}/{pattern}";
}
