using System;
using System.Collections.Generic;

namespace Azprovision.Files;

/// <summary>The paths that a pattern of glob(7) names: ?, * and [...] in any component, none of them for a leading dot.</summary>
internal static class Glob
{
    /// <summary>The paths that are there, in the order in which glob(3) sorts them in the C locale.</summary>
    internal static List<string> Expand(PlannedRoot root, string pattern)
    {
        List<string> paths = [""];
        foreach (string component in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var longer = new List<string>();
            foreach (string path in paths)
            {
                if (component.AsSpan().IndexOfAny('*', '?', '[') < 0)
                {
                    longer.Add($"{path}/{component}");
                    continue;
                }

                foreach (string name in root.NamesIn(path.Length == 0 ? "/" : path))
                {
                    if (MatchesName(component, name))
                    {
                        longer.Add($"{path}/{name}");
                    }
                }
            }

            paths = longer;
        }

        paths.RemoveAll(path => root.TryStatus(path) is null);
        paths.Sort(string.CompareOrdinal);
        return paths;
    }

    /// <summary>Whether the pattern would name this absolute path if it were there.</summary>
    internal static bool Matches(string pattern, string path)
    {
        string[] patterns = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        bool matches = patterns.Length == names.Length;
        for (int i = 0; matches && i < names.Length; i++)
        {
            matches = MatchesName(patterns[i], names[i]);
        }

        return matches;
    }

    /// <summary>fnmatch(3) of one name with FNM_PERIOD; a * that was too short is tried one longer.</summary>
    internal static bool MatchesName(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        if (name.StartsWith('.') && !pattern.StartsWith('.'))
        {
            return false;
        }

        int p = 0;
        int n = 0;
        int star = -1;
        int starName = 0;
        while (n < name.Length)
        {
            int length;
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                starName = n;
            }
            else if (p < pattern.Length && MatchesOne(pattern[p..], name[n], out length))
            {
                p += length;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++starName;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimStart('*').IsEmpty;
    }

    /// <param name="length">how much of the pattern stands for the one character</param>
    private static bool MatchesOne(ReadOnlySpan<char> pattern, char c, out int length)
    {
        int end = pattern[0] == '[' && pattern.Length > 2 ? pattern[2..].IndexOf(']') : -1;
        if (end < 0)
        {
            length = pattern[0] == '\\' && pattern.Length > 1 ? 2 : 1;
            return length == 2 ? pattern[1] == c : pattern[0] == '?' || pattern[0] == c;
        }

        ReadOnlySpan<char> set = pattern[1..(end + 2)];
        length = set.Length + 2;
        bool isNegated = set[0] is '!' or '^';
        set = isNegated ? set[1..] : set;
        bool isIn = false;
        for (int i = 0; i < set.Length; i++)
        {
            bool isRange = i + 2 < set.Length && set[i + 1] == '-';
            isIn |= isRange ? c >= set[i] && c <= set[i + 2] : c == set[i];
            i += isRange ? 2 : 0;
        }

        return isIn != isNegated;
    }
}
