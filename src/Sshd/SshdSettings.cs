using System;
using System.Collections.Generic;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Sshd;

/// <summary>The step "sshd": whether passwords are taken, and a keep-alive below the platform's idle timeout of TCP.</summary>
internal static class SshdSettings
{
    private const string DropIn = SshdConfig.Directory + "/sshd_config.d/10-azprovision.conf";
    private const string Comment = "# Written by azprovision: what the platform asks of sshd.";

    /// <param name="passwordAuthentication">null: the image decides</param>
    internal static void Plan(ChangeSet changes, SystemRoot files, bool? passwordAuthentication, Log log)
    {
        int before = changes.Changes.Count;
        SshdConfig? config;
        try
        {
            config = SshdConfig.TryRead(files);
        }
        catch (SyscallException e) when (e.Errno == Errno.EACCES && !Libc.IsRoot)
        {
            changes.Unreadable(SshdConfig.MainPath);   // a dry run by an ordinary user
            return;
        }

        if (config is null)
        {
            return;
        }

        var settings = new List<(string Keyword, string Value)> { ("ClientAliveInterval", "180") };
        if (passwordAuthentication is { } allowed)
        {
            string value = allowed ? "yes" : "no";
            settings.Insert(0, ("PasswordAuthentication", value));
            settings.Insert(1, ("KbdInteractiveAuthentication", value));
        }

        SshdLine? include = config.IncludeOf(DropIn);
        if (include is not null)
        {
            var text = new StringBuilder(Comment).Append('\n');
            foreach ((string keyword, string value) in settings)
            {
                text.Append(keyword).Append(' ').Append(value).Append('\n');
            }

            changes.Write(DropIn, Encoding.Latin1.GetBytes(text.ToString()), new Ownership(0x180));   // 0600
        }

        var missing = new List<string>();
        foreach ((string keyword, string value) in settings)
        {
            if (!Decides(config, keyword, value, include, log))
            {
                missing.Add($"{keyword} {value}");
            }
        }

        // Only now: an insertion moves the lines that the indexes of the configuration name.
        for (int i = 0; i < missing.Count; i++)
        {
            config.Main.Insert(config.Main.FirstMatch + i, missing[i]);
        }

        changes.Edit(SshdConfig.MainPath, config.Main.ToBytes(), new Ownership(0x1A4));   // 0644
        if (changes.Changes.Count > before && RunningSshd.TryFindPid(files) is { } pid)
        {
            changes.Call($"kill(2) SIGHUP sshd {pid}", () => RunningSshd.Reload(files));
        }
    }

    /// <summary>
    /// Sees to it that the first value of the keyword, which is the one that counts, is ours. In the main file it is
    /// changed in place; a value in another file is somebody's decision and only named. False: there is none yet.
    /// </summary>
    private static bool Decides(SshdConfig config, string keyword, string value, SshdLine? include, Log log)
    {
        bool isPastInclude = false;
        foreach (SshdLine line in config.Lines)
        {
            bool isInMain = line.Path == SshdConfig.MainPath;
            if (isPastInclude && (isInMain || string.CompareOrdinal(line.Path, DropIn) >= 0))
            {
                return true;   // sshd has read our file by now
            }

            isPastInclude |= line == include;
            if (line.Keyword != SshdConfigText.Canonical(keyword))
            {
                continue;
            }

            if (line.Arguments is [string only] && only.Equals(value, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            if (isInMain)
            {
                config.Main.SetValue(line.Index, value);
            }
            else
            {
                log.Warning($"'{Printable.Of(line.Path)}' line {line.Index + 1} decides on {keyword}, so '{value}' has no effect");
            }

            return true;
        }

        return include is not null;
    }
}
