using System;
using System.Collections.Generic;
using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Accounts;

/// <summary>
/// The rest of sudoers(5) beside our file, in sudo's order: whose password it has sudo ask for, and what comes after ours. Of
/// rules the last one that fits counts, and of Defaults the last one for all users or this one.
/// </summary>
internal sealed class SudoersReading
{
    private const string MainPath = "/etc/sudoers";
    private const string VendorPath = "/usr/etc/sudoers";   // read where there is no other
    private const int MaxDepth = 16;

    private static readonly char[] s_blanks = [' ', '\t', '\r'];
    private static readonly string[] s_flags = ["targetpw", "rootpw", "runaspw"];

    private readonly PlannedRoot _root;
    private readonly string _ours;
    private readonly List<SudoersLine> _later = [];
    private readonly HashSet<string> _flags = [];
    private bool _isAfterOurs;

    internal SudoersReading(PlannedRoot root, string ours)
    {
        _root = root;
        _ours = ours;
        Read(root.TryStatus(MainPath) is null ? VendorPath : MainPath, 0);
    }

    /// <summary>Up to our file sudo is told to ask for another password than the user's own.</summary>
    internal bool AsksForAnotherPassword => _flags.Count > 0;

    /// <summary>A line behind our file that sudo would go by instead of our rule, for this user; or null.</summary>
    /// <param name="groups">group(5)</param>
    internal SudoersLine? FindOverride(Account account, GroupFile groups, bool needsPassword) => _later.Find(line =>
    {
        int equals = line.Text.IndexOf('=');
        if (IsDefaults(line.Text))
        {
            return needsPassword && Array.Exists(Settings(line.Text), setting => Array.IndexOf(s_flags, setting) >= 0);
        }

        if (equals < 0)
        {
            return false;
        }

        bool isSame = line.Text.EndsWith("ALL", StringComparison.Ordinal)
            && line.Text.Contains("NOPASSWD", StringComparison.Ordinal) != needsPassword;
        string[] words = line.Text[..equals].Split(s_blanks, StringSplitOptions.RemoveEmptyEntries);
        string users = string.Join("", words.AsSpan(0, Math.Max(0, words.Length - 1)));   // the last word is the host
        return !isSame && Array.Exists(users.Split(','), user => Means(user.Trim('"'), account, groups));
    });

    private static bool Means(string user, Account account, GroupFile groups) =>
        user == "ALL" || user == account.Name || user == $"#{account.Uid}"
        || (user.StartsWith('%') && (groups.GidOf(user[1..]) == account.Gid || groups.HasMember(user[1..], account.Name)));

    private static bool IsDefaults(string text) => text.StartsWith("Defaults", StringComparison.Ordinal);

    private static string[] Settings(string text) => text.Split([' ', '\t', '\r', ','], StringSplitOptions.RemoveEmptyEntries);

    private void Read(string path, int depth)
    {
        if (depth > MaxDepth || _root.TryReadAdvice(path) is not { } content)
        {
            return;
        }

        TextLines lines = TextLines.Parse(content);
        for (int i = 0; i < lines.Count; i++)
        {
            int first = i;
            string text = lines[i].TrimEnd('\r');
            while (text.EndsWith('\\') && i + 1 < lines.Count)
            {
                text = text[..^1] + lines[++i].TrimEnd('\r');
            }

            Take(new SudoersLine(path, first + 1, text.Trim(s_blanks)), depth);
        }
    }

    private void Take(SudoersLine line, int depth)
    {
        if (IncludedBy(line.Text, "includedir") is { } directory)
        {
            ReadDirectory(directory, depth);
        }
        else if (IncludedBy(line.Text, "include") is { } file)
        {
            Read(file, depth + 1);
        }
        else if (_isAfterOurs)
        {
            _later.Add(line);
        }
        else if (IsDefaults(line.Text))
        {
            foreach (string setting in Settings(line.Text))
            {
                if (Array.IndexOf(s_flags, setting) >= 0)
                {
                    _flags.Add(setting);
                }
                else
                {
                    _flags.Remove(setting.TrimStart('!'));
                }
            }
        }
    }

    private void ReadDirectory(string directory, int depth)
    {
        foreach (string name in _root.NamesIn(directory))
        {
            string path = $"{directory}/{name}";
            if (path == _ours)
            {
                _isAfterOurs = true;
            }
            else if (!name.Contains('.') && !name.EndsWith('~'))   // as packages leave them
            {
                Read(path, depth + 1);
            }
        }
    }

    /// <summary>The absolute path that a line includes; both spellings begin a line and take one path.</summary>
    internal static string? IncludedBy(string line, string keyword)
    {
        string[] words = line.Split(s_blanks, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || (words[0] != $"#{keyword}" && words[0] != $"@{keyword}"))
        {
            return null;
        }

        string path = words[1].Trim('"').TrimEnd('/');
        return path.StartsWith('/') ? path : $"/etc/{path}";
    }
}

/// <summary>A line of a sudoers file, with those that a backslash joins to it.</summary>
internal sealed record SudoersLine(string Path, int Number, string Text);
