using System;
using System.Text;
using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Accounts;

/// <summary>The step "sudo": the user may do everything, by sudo(8) or doas(1), whichever the image has.</summary>
internal static class SudoRule
{
    private const string SudoersPath = "/etc/sudoers";
    private const string SudoersDirectory = "/etc/sudoers.d";
    private const string SudoersFile = SudoersDirectory + "/90-azprovision";
    private const string DoasPath = "/etc/doas.conf";
    private const string DoasDirectory = "/etc/doas.d";
    private const string DoasFile = DoasDirectory + "/azprovision.conf";
    private const string Comment = "# Written by azprovision for the user that the platform named.";

    internal static void Plan(PlannedRoot root, Account account, SudoPolicy policy)
    {
        bool? needsPassword = policy switch
        {
            SudoPolicy.Auto => account.HasPassword,
            SudoPolicy.NoPassword => false,
            SudoPolicy.Password => true,
            SudoPolicy.None => null,
        };
        PlanSudo(root, needsPassword is { } s ? SudoersRule(account.Name, s) : null);
        PlanDoas(root, needsPassword is { } d ? DoasRule(account.Name, d) : null);
    }

    internal static void PlanRemoval(PlannedRoot root)
    {
        PlanSudo(root, null);
        PlanDoas(root, null);
    }

    /// <summary>A user specification of sudoers(5).</summary>
    internal static string SudoersRule(string name, bool needsPassword)
    {
        // Unquoted, sudo would take some of these for an alias ("ALL") or a keyword ("Defaults").
        bool isPlain = name != "sudoedit" && !name.AsSpan().ContainsAnyInRange('A', 'Z');
        string user = isPlain ? name : $"\"{name}\"";
        return needsPassword ? $"{user} ALL=(ALL) ALL" : $"{user} ALL=(ALL) NOPASSWD:ALL";
    }

    /// <summary>A rule of doas.conf(5); "persist" asks for the password once, as sudo does.</summary>
    internal static string DoasRule(string name, bool needsPassword)
    {
        bool isKeyword = name is "permit" or "deny" or "as" or "cmd" or "args" or "nopass" or "nolog" or "persist"
            or "keepenv" or "setenv";
        string user = isKeyword ? $"\"{name}\"" : name;
        return needsPassword ? $"permit persist {user}" : $"permit nopass {user}";
    }

    private static void PlanSudo(PlannedRoot root, string? rule)
    {
        if (rule is null)
        {
            root.Remove(SudoersFile);
            return;
        }

        bool hasMain = root.TryStatus(SudoersPath) is not null;
        bool hasDirectory = root.IsDirectory(SudoersDirectory);
        if (!hasMain && !hasDirectory)
        {
            return;
        }

        if (!hasDirectory)
        {
            root.Directory(SudoersDirectory, new Ownership(0x1E8));   // 0750
        }

        byte[] content = Encoding.Latin1.GetBytes($"{Comment}\n{rule}\n");
        root.Write(SudoersFile, content, new Ownership(0x120));   // 0440
        if (root.TryRead(SudoersPath) is { } main)
        {
            TextLines lines = TextLines.Parse(main);
            IncludeDirectory(lines);
            root.Edit(SudoersPath, lines.ToBytes(), new Ownership(0x120));
        }
    }

    // sudoers(5), "Including other files from within sudoers": both spellings begin a line and take one path.
    private static void IncludeDirectory(TextLines lines)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            string[] words = lines[i].Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1 && words[0] is "#includedir" or "@includedir"
                && words[1].Trim('"').TrimEnd('/') == SudoersDirectory)
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

        if (root.TryRead(DoasPath) is { } main)
        {
            TextLines lines = TextLines.Parse(main);
            SetRule(lines, IsDirectoryUsed(root) ? null : rule);
            root.Edit(DoasPath, lines.ToBytes(), new Ownership(0x100));
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

    /// <summary>Our rule is the line after our comment: added at the end, where it wins, changed, or taken out.</summary>
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
            if (comment < lines.Count)
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
}
