using System;
using System.Collections.Generic;
using System.Text;
using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Sshd;

/// <summary>The step "sshd": whether passwords are taken, and a keep-alive below the platform's idle timeout of TCP.</summary>
internal static class SshdSettings
{
    // Before all others in the order in which sshd reads them, since the first value wins.
    internal const string DropIn = SshdConfig.Directory + "/sshd_config.d/00-azprovision.conf";
    internal const string OldName = "ChallengeResponseAuthentication";
    private const string Comment = "# Written by azprovision: what the platform asks of sshd.";

    private static readonly Ownership s_main = new(0x1A4);   // 0644

    /// <param name="passwordAuthentication">null: the image decides</param>
    internal static void Plan(PlannedRoot root, bool? passwordAuthentication)
    {
        int before = root.Changes.Count;
        if (SshdConfig.TryRead(root) is not { } config)
        {
            return;
        }

        if (passwordAuthentication == false)
        {
            HeedOthers(root, config);
        }

        var settings = new List<Setting>();
        if (passwordAuthentication is { } allowed)
        {
            string value = allowed ? "yes" : "no";
            settings.Add(new Setting("PasswordAuthentication", value, MustHold: !allowed));
            // Before OpenSSH 8.7 the first of these, which is "yes" by default, switches on what the second switches off.
            settings.Add(new Setting(OldName, value, MustHold: !allowed));
            settings.Add(new Setting("KbdInteractiveAuthentication", value, MustHold: !allowed));
        }

        settings.Add(new Setting("ClientAliveInterval", "180", MustHold: false));
        if (config.Includes(DropIn))
        {
            root.Write(DropIn, Encoding.Latin1.GetBytes($"{Comment}\n{string.Join('\n', settings)}\n"), new Ownership(0x180));   // 0600
            config = SshdConfig.TryRead(root)!;
        }

        EditMain(root, config, settings);
        if (root.Changes.Count > before && RunningSshd.TryFindPid(root.Disk) is { } pid)
        {
            SystemRoot files = root.Disk;
            root.Call($"kill(2) SIGHUP sshd {pid}", () => RunningSshd.Reload(files));
        }
    }

    /// <summary>Puts back what the image had. A main file that is then the vendor's was made by this program alone.</summary>
    internal static void PlanRemoval(PlannedRoot root)
    {
        root.Remove(DropIn);
        if (root.TryReadAdvice(SshdConfig.MainPath) is not { } content || SshdConfigText.TryUndo(content) is not { } before)
        {
            return;
        }

        if (root.TryReadAdvice(SshdConfig.VendorPath) is { } vendors && before.AsSpan().SequenceEqual(vendors))
        {
            root.Remove(SshdConfig.MainPath);
        }
        else
        {
            root.Edit(SshdConfig.MainPath, before, s_main);
        }
    }

    /// <summary>What a "no" makes impossible, and what it does not reach.</summary>
    private static void HeedOthers(PlannedRoot root, SshdConfig config)
    {
        if (config.First(SshdLogin.Methods) is { } methods && AsksForPassword(methods))
        {
            throw new ProvisioningException(
                Failure.Sshd,
                $"'{Printable.Of(methods.Path)}' line {methods.Index + 1}: {SshdLogin.Methods} asks for a password in every list, but the "
                    + "platform wants none taken, and sshd would not start: add a list without one");
        }

        if (config.Everywhere.Find(IsException) is { } line)
        {
            root.Warn(
                $"'{Printable.Of(line.Path)}' line {line.Index + 1}: passwords are taken all the same where this Match applies");
        }
    }

    /// <summary>Whether every list of an AuthenticationMethods has a method that "no passwords" switches off.</summary>
    internal static bool AsksForPassword(SshdLine methods)
    {
        foreach (string list in methods.Arguments)
        {
            if (!list.Contains("password", StringComparison.Ordinal) && !list.Contains("keyboard-interactive", StringComparison.Ordinal))
            {
                return false;
            }
        }

        return methods.Arguments.Count > 0;
    }

    private static bool IsException(SshdLine line) => line.Match is not null
        && line.Keyword is "passwordauthentication" or "kbdinteractiveauthentication" or "challengeresponseauthentication"
        && line.Says("yes");

    /// <summary>
    /// In the main file, what is said otherwise is changed where it stands, and what nobody says is added. A value in another
    /// file is somebody's decision, and in the way of the platform's only if that says "no".
    /// </summary>
    private static void EditMain(PlannedRoot root, SshdConfig config, List<Setting> settings)
    {
        var missing = new List<Setting>();
        bool mustHold = false;
        foreach (Setting setting in settings)
        {
            SshdLine? line = config.First(setting.Keyword);
            if (line?.Says(setting.Value) == true)
            {
                continue;
            }

            if (line is not null && line.Path != config.Main.Path)
            {
                string problem =
                    $"'{Printable.Of(line.Path)}' line {line.Index + 1} decides on {setting.Keyword}, so '{setting.Value}' has no effect";
                (setting.MustHold ? _ => throw new ProvisioningException(Failure.Sshd, problem) : root.Warn)(problem);
                continue;
            }

            // Where the new name is set, only an sshd of before 2021 needs the old one too.
            mustHold |= setting.MustHold && (line is not null || setting.Keyword != OldName);
            if (line is null)
            {
                missing.Add(setting);
            }
            else
            {
                config.Main.SetValue(line.Index, setting.Value);
            }
        }

        // Only now: an insertion moves the lines that the indexes of the configuration name.
        for (int i = 0; i < missing.Count; i++)
        {
            config.Main.Add(config.Main.FirstMatch + i, missing[i].ToString());
        }

        if (mustHold)
        {
            root.EditOwn(SshdConfig.MainPath, config.Main.ToBytes(), s_main);
        }
        else if (config.Main.IsChanged)
        {
            root.TryEdit(SshdConfig.MainPath, config.Main.ToBytes(), s_main);
        }
    }

    /// <param name="MustHold">without it somebody could get in who must not</param>
    private sealed record Setting(string Keyword, string Value, bool MustHold)
    {
        public override string ToString() => $"{Keyword} {Value}";
    }
}
