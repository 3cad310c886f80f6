using System;
using Azprovision.Disks;

namespace Azprovision.Check;

/// <summary>Who else has a part: what starts this program, what may do the same, what it relies on to be heard.</summary>
internal static class AgentCheck
{
    private const string Subject = "start";

    private static readonly string[] s_directories =
    [
        "/usr/lib/systemd/system-generators", "/lib/systemd/system-generators", "/usr/local/lib/systemd/system-generators",
        "/etc/systemd/system/multi-user.target.wants", "/etc/systemd/system/sysinit.target.wants",
        "/etc/systemd/system/basic.target.wants", "/etc/systemd/system/network-online.target.wants",
        "/etc/rcS.d", "/etc/rc2.d", "/etc/rc3.d", "/etc/runlevels/default", "/etc/runlevels/boot",
    ];

    private static readonly string[] s_initramfs =
        ["/etc/initramfs-tools/scripts/local-bottom", "/etc/initramfs-tools/hooks", "/usr/lib/dracut/modules.d"];

    private static readonly string[] s_files = ["/etc/inittab", "/etc/rc.local", "/etc/rc.d/rc.local", "/etc/mkinitcpio.conf"];

    internal static void Look(Image image, Findings findings)
    {
        if (!IsStarted(image))
        {
            findings.Warn(Subject, "nothing known to azprovision starts it when this boots", "make install-WHAT, see src/boot/README.md");
        }

        if (IsIn(image, s_initramfs) && (MountOver(image, "/home") ?? MountOver(image, "/var")) is { } directory)
        {
            findings.Warn(Subject, $"{directory} is a file system of its own: what a run in the initramfs writes there is not seen again",
                "start it by the init system, or have the directory on the root");
        }

        if (image.HasProgram("cloud-init") && !image.Has("/etc/cloud/cloud-init.disabled"))
        {
            findings.Warn(Subject, "cloud-init is there too, and not turned off", "touch /etc/cloud/cloud-init.disabled");
        }

        if (!image.HasProgram("azure-proxy-agent"))
        {
            findings.Note("proxy", "no azure-proxy-agent: machines for which the platform asks for it are not provisioned (4)");
        }

        if (!image.HasProgram("hv_kvp_daemon") && !image.HasProgram("hypervkvpd"))
        {
            findings.Note("kvp", "no hv_kvp_daemon: nobody hands the KVP report on to the host");
        }

        string? agent = null;
        foreach (string line in image.Lines("/etc/waagent.conf"))
        {
            string[] words = line.Split('=', 2, StringSplitOptions.TrimEntries);
            agent = words is ["Provisioning.Agent", var value] ? value : agent;
        }

        if (agent is "waagent" or "auto")
        {
            findings.Warn(Subject, $"the Azure Linux Agent may provision too (Provisioning.Agent={agent})",
                "Provisioning.Agent=disabled in /etc/waagent.conf");
        }
    }

    private static string? MountOver(Image image, string directory) => Fstab.FindMountOver(image.Root.TryReadAdvice(Fstab.Path), directory);

    private static bool IsStarted(Image image) => IsIn(image, s_directories) || IsIn(image, s_initramfs)
        || Array.Exists(s_files, file => image.Lines(file).Exists(IsOurs));

    private static bool IsIn(Image image, string[] directories)
    {
        foreach (string directory in directories)
        {
            foreach (string name in image.Root.NamesIn(directory))
            {
                if (IsOurs(name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsOurs(string text) => text.Contains("azprovision", StringComparison.Ordinal);
}
