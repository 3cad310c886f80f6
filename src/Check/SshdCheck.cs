using System;
using Azprovision.Spec;
using Azprovision.Sshd;

namespace Azprovision.Check;

/// <summary>The SSH server: where its settings go, whether they count, and its host keys.</summary>
internal static class SshdCheck
{
    private const string Subject = "sshd";

    // Where distributions have what makes host keys; in those with a merged /usr, /lib is there too.
    private static readonly string[] s_units =
    [
        "/etc/systemd/system", "/etc/systemd/system/ssh.service.d", "/etc/systemd/system/sshd.service.d",
        "/usr/lib/systemd/system", "/lib/systemd/system",
    ];

    private static readonly string[] s_scripts =
        ["/etc/init.d/ssh", "/etc/init.d/sshd", "/etc/rc.local", "/etc/rc.d/rc.local", "/etc/rc.d/rc.sshd"];

    internal static void Look(Image image, HostKeyPolicy policy, Findings findings)
    {
        if (SshdConfig.TryRead(image.Root) is not { } config)
        {
            if (image.HasProgram("dropbear"))
            {
                findings.Note(Subject, "dropbear: it takes keys, and nothing of it is set");
            }
            else
            {
                findings.Warn(Subject, $"no {SshdConfig.MainPath}, no dropbear: nobody can log in over the network",
                    "install an SSH server");
            }

            return;
        }

        findings.Note(Subject, config.Includes(SshdSettings.DropIn)
            ? $"settings go to {SshdSettings.DropIn}, which {config.Main.Path} includes"
            : $"settings go into {SshdConfig.MainPath}: it includes no {SshdSettings.DropIn}");
        foreach (string keyword in (string[])["PasswordAuthentication", "KbdInteractiveAuthentication"])
        {
            if (!config.Includes(SshdSettings.DropIn) && config.First(keyword) is { } line && line.Path != config.Main.Path)
            {
                findings.Warn(Subject, $"{line.Path} decides on {keyword}: machines for which the platform says otherwise fail (35)",
                    $"take it out of {line.Path}");
            }
        }

        LookAtLogins(config, findings);
        LookAtHostKeys(image, config, policy, findings);
    }

    /// <summary>What keeps some users out, or lets some in, whatever the platform says.</summary>
    private static void LookAtLogins(SshdConfig config, Findings findings)
    {
        foreach (SshdLine line in config.Everywhere)
        {
            string? effect = line.Keyword switch
            {
                "pubkeyauthentication" when line.Says("no") => "keys let nobody in",
                "authorizedkeysfile" when line.Says("none") => "no authorized_keys file is read",
                "allowusers" or "allowgroups" => "whom it does not name is not let in",
                "authenticationmethods" when SshdSettings.AsksForPassword(line) =>
                    "machines for which the platform switches passwords off fail (35)",
                "passwordauthentication" when line.Match is not null => "the platform's word on passwords does not count there",
                _ => null,
            };
            if (effect is not null)
            {
                findings.Warn(Subject, $"{line.Path} line {line.Index + 1}: {effect}", "take it out, or see that the users fit it");
            }
        }
    }

    private static void LookAtHostKeys(Image image, SshdConfig config, HostKeyPolicy policy, Findings findings)
    {
        bool hasKeys = HostKeys.FilesIn(image.Root, config).Exists(path => !path.EndsWith(".pub", StringComparison.Ordinal));
        if (hasKeys && !image.IsRunning)
        {
            findings.Warn(Subject, "the image has SSH host keys, the same for every machine made from it",
                "azprovision clean");
        }
        else if (!hasKeys && !image.HasProgram("ssh-keygen"))
        {
            findings.Warn(Subject, "there are no SSH host keys, and no ssh-keygen to make them", "install ssh-keygen");
        }
        else if (!hasKeys && image.IsRunning)
        {
            findings.Warn(Subject, "there are no SSH host keys: sshd does not start", "ssh-keygen -A");
        }
        else if (!hasKeys && !AreKeysMade(image) && (policy == HostKeyPolicy.Keep || !StartCheck.IsBeforeSshd(image)))
        {
            findings.Warn(Subject, "nothing known to azprovision makes SSH host keys before sshd starts, which it does not without",
                "ssh-keygen -A in rc.local, or as ExecStartPre= in a drop-in of its unit");
        }
    }

    private static bool AreKeysMade(Image image)
    {
        foreach (string directory in s_units)
        {
            foreach (string name in image.Root.NamesIn(directory))
            {
                string path = $"{directory}/{name}";
                if (name.Contains("sshd-keygen", StringComparison.Ordinal) || Calls(image, path))
                {
                    return true;
                }
            }
        }

        return Array.Exists(s_scripts, path => Calls(image, path));
    }

    private static bool Calls(Image image, string path) =>
        image.Lines(path).Exists(line => line.Contains("ssh-keygen", StringComparison.Ordinal));
}
