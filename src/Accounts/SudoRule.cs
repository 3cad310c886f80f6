using System;
using System.Buffers;
using System.Text;
using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Accounts;

/// <summary>The step "sudo": the user may do everything, by sudo(8) or doas(1), whichever the image has.</summary>
internal static class SudoRule
{
    private const string SudoersPath = "/etc/sudoers";
    private const string SudoersDirectory = "/etc/sudoers.d";
    internal const string SudoersFile = SudoersDirectory + "/90-azprovision";
    private const string DoasPath = "/etc/doas.conf";
    private const string DoasDirectory = "/etc/doas.d";
    internal const string DoasFile = DoasDirectory + "/azprovision.conf";
    private const string Comment = "# Written by azprovision for the user that the platform named.";

    private static readonly SearchValues<char> s_plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    internal static void Plan(PlannedRoot root, Account account, SudoPolicy policy)
    {
        bool? needsPassword = policy switch
        {
            SudoPolicy.Auto => account.HasPassword,
            SudoPolicy.NoPassword => false,
            SudoPolicy.Password => true,
            SudoPolicy.None => null,
        };
        PlanSudo(root, account, needsPassword);
        void Doas() => PlanDoas(root, needsPassword is { } d ? DoasRule(account.Name, d) : null);
        if (HasSudo(root))
        {
            root.Try(Doas);   // one of the two is enough
        }
        else
        {
            Doas();
        }
    }

    internal static void PlanRemoval(PlannedRoot root)
    {
        root.Remove(SudoersFile);
        if (root.TryReadAdvice(SudoersPath) is { } main)
        {
            SetRule(root, SudoersPath, main, null, new Ownership(0x120));
        }

        PlanDoas(root, null);
    }

    /// <summary>A user specification of sudoers(5).</summary>
    internal static string SudoersRule(string name, bool needsPassword) =>
        needsPassword ? $"{SudoersUser(name)} ALL=(ALL) ALL" : $"{SudoersUser(name)} ALL=(ALL) NOPASSWD:ALL";

    /// <summary>Where sudo is set up to ask for root's password, which is none here.</summary>
    internal static string OwnPassword(string name) => $"Defaults:{SudoersUser(name)} !targetpw, !rootpw, !runaspw";

    // Unquoted, sudo would take some of these for an alias ("ALL"), a keyword ("Defaults", "sha256"), or an address ("10.0.0.1").
    private static string SudoersUser(string name)
    {
        bool isPlain = char.IsAsciiLetterLower(name[0]) && name.AsSpan().IndexOfAnyExcept(s_plain) < 0
            && name is not ("sudoedit" or "sha224" or "sha256" or "sha384" or "sha512");
        return isPlain ? name : $"\"{name}\"";
    }

    /// <summary>A rule of doas.conf(5); "persist" asks for the password once, as sudo does.</summary>
    internal static string DoasRule(string name, bool needsPassword)
    {
        bool isKeyword = name is "permit" or "deny" or "as" or "cmd" or "args" or "nopass" or "nolog" or "persist"
            or "keepenv" or "setenv";
        string user = isKeyword ? $"\"{name}\"" : name;
        return needsPassword ? $"permit persist {user}" : $"permit nopass {user}";
    }

    private static void PlanSudo(PlannedRoot root, Account account, bool? policy)
    {
        if (policy is not { } needsPassword)
        {
            root.Remove(SudoersFile);
            return;
        }

        if (!HasSudo(root))
        {
            return;
        }

        byte[]? content = root.TryReadAdviceOrVendors("sudoers");
        TextLines main = TextLines.Parse(content);
        bool isFile = root.TryStatus(SudoersDirectory) is { IsDirectory: false };   // in the directory's place
        if (isFile)
        {
            SetRule(main, SudoersRule(account.Name, needsPassword));
        }
        else
        {
            if (!root.IsDirectory(SudoersDirectory))
            {
                root.Directory(SudoersDirectory, new Ownership(0x1E8));   // 0750
            }

            WriteSudoers(root, SudoersRule(account.Name, needsPassword));
            IncludeDirectory(main);
        }

        byte[] edited = main.ToBytes();
        if (content is not null && !edited.AsSpan().SequenceEqual(content))
        {
            root.EditShared(SudoersPath, edited, new Ownership(0x120));   // where it was the vendor's, this hides that one
        }

        if (!isFile)
        {
            HeedOthers(root, account, needsPassword);
        }

        if (root.TryStatus(SudoersDirectory) is { IsDirectory: true } directory && (directory.Permissions & 2) != 0)
        {
            root.Warn($"'{SudoersDirectory}' can be written to by everybody, and sudo reads nothing in such a directory");
        }
    }

    private static void HeedOthers(PlannedRoot root, Account account, bool needsPassword)
    {
        var others = new SudoersReading(root, SudoersFile);
        if (needsPassword && others.AsksForAnotherPassword)
        {
            WriteSudoers(root, $"{OwnPassword(account.Name)}\n{SudoersRule(account.Name, needsPassword)}");
        }

        var groups = GroupFile.Parse(root.TryReadAdvice(AccountFiles.GroupPath));
        if (others.FindOverride(account, groups, needsPassword) is { } line)
        {
            root.Warn($"'{line.Path}' line {line.Number} comes after our rule for '{account.Name}' and counts instead where it applies");
        }
    }

    private static bool HasSudo(PlannedRoot root) =>
        root.IsDirectory(SudoersDirectory) || root.TryStatus(SudoersPath) is not null
        || root.TryReadAdviceOrVendors("sudoers") is not null;

    private static void WriteSudoers(PlannedRoot root, string rules) =>
        root.Write(SudoersFile, Encoding.Latin1.GetBytes($"{Comment}\n{rules}\n"), new Ownership(0x120));   // 0440

    private static void IncludeDirectory(TextLines lines)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            if (SudoersReading.IncludedBy(lines[i], "includedir") == SudoersDirectory)
            {
                return;
            }
        }

        lines.Add($"#includedir {SudoersDirectory}");
    }

    // Alpine's doas reads a directory too, the original one its one file alone. Which one this is shows in nothing but a
    // directory that somebody else uses already.
    private static void PlanDoas(PlannedRoot root, string? rule)
    {
        bool hasMain = root.TryStatus(DoasPath) is not null;
        if (rule is null)
        {
            root.Remove(DoasFile);
        }
        else if (hasMain || root.IsDirectory(DoasDirectory))
        {
            root.Write(DoasFile, Encoding.Latin1.GetBytes($"{Comment}\n{rule}\n"), new Ownership(0x100));   // 0400
        }

        if (root.TryReadAdvice(DoasPath) is { } main)
        {
            SetRule(root, DoasPath, main, IsDirectoryUsed(root) ? null : rule, new Ownership(0x100));
        }
    }

    private static bool IsDirectoryUsed(PlannedRoot root)
    {
        foreach (string name in root.NamesIn(DoasDirectory))
        {
            if ($"{DoasDirectory}/{name}" != DoasFile)
            {
                return true;
            }
        }

        return false;
    }

    // What needs no change may be where nothing can be changed.
    private static void SetRule(PlannedRoot root, string path, byte[] content, string? rule, Ownership ifNew)
    {
        TextLines lines = TextLines.Parse(content);
        SetRule(lines, rule);
        byte[] edited = lines.ToBytes();
        if (!edited.AsSpan().SequenceEqual(content))
        {
            root.Edit(path, edited, ifNew);
        }
    }

    /// <summary>
    /// Our rule is the line after our comment: added at the end, where it wins, changed, or taken out. A line there that is
    /// none of ours is what somebody made of it, and stays.
    /// </summary>
    private static void SetRule(TextLines lines, string? rule)
    {
        int comment = 0;
        while (comment < lines.Count && lines[comment] != Comment)
        {
            comment++;
        }

        if (comment < lines.Count)
        {
            lines.RemoveAt(comment);
            if (comment < lines.Count && IsRule(lines[comment]))
            {
                lines.RemoveAt(comment);
            }
        }

        if (rule is not null)
        {
            int at = Math.Min(comment, lines.Count);
            lines.Insert(at, Comment);
            lines.Insert(at + 1, rule);
        }
    }

    private static bool IsRule(string line) =>
        line.EndsWith(" ALL=(ALL) ALL", StringComparison.Ordinal) || line.EndsWith(" ALL=(ALL) NOPASSWD:ALL", StringComparison.Ordinal)
        || line.StartsWith("permit persist ", StringComparison.Ordinal) || line.StartsWith("permit nopass ", StringComparison.Ordinal);
}
