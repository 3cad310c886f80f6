using System;
using Azprovision.Disks;
using Azprovision.Settings;

namespace Azprovision.Check;

/// <summary>What starts this program when the image boots: the files of src/boot, where each init and initramfs has them.</summary>
internal static class StartCheck
{
    private const string Subject = "start";
    private const string Mkinitcpio = "/etc/mkinitcpio.conf";
    private const string LocalBottom = "initramfs-tools/scripts/local-bottom";

    private static readonly string[] s_systemd =
    [
        "/usr/lib/systemd/system-generators", "/lib/systemd/system-generators", "/usr/local/lib/systemd/system-generators",
        "/etc/systemd/system/multi-user.target.wants", "/etc/systemd/system/sysinit.target.wants",
        "/etc/systemd/system/basic.target.wants", "/etc/systemd/system/network-online.target.wants",
    ];

    private static readonly string[] s_directories =
        ["/etc/rcS.d", "/etc/rc2.d", "/etc/rc3.d", "/etc/runlevels/default", "/etc/runlevels/boot"];

    private static readonly string[] s_dracut = ["/usr/lib/dracut/modules.d"];

    private static readonly string[] s_lateFiles = ["/etc/rc.local", "/etc/rc.d/rc.local"];

    internal static void Look(Image image, Findings findings)
    {
        if (IsInInitramfs(image) && (MountOver(image, "/home") ?? MountOver(image, "/var")) is { } directory)
        {
            findings.Warn(Subject, $"{directory} is a file system of its own: what a run in the initramfs writes there is not seen again",
                "start it by the init system, or have the directory on the root");
        }

        if (IsBeforeSshd(image) || Array.Exists(s_lateFiles, file => Calls(image, file)))
        {
            return;
        }

        if (IsIn(image, s_systemd) && UnitMask.TryFind(image.Root) is { } mask)
        {
            findings.Warn(Subject, $"the unit is masked ({mask}): systemd does not start it", $"rm {mask}");
        }
        else
        {
            findings.Warn(Subject, "nothing known to azprovision starts it when this boots", "make install-WHAT, see src/boot/README.md");
        }
    }

    /// <summary>Not so with rc.local, which may be started after it.</summary>
    internal static bool IsBeforeSshd(Image image) =>
        (IsIn(image, s_systemd) && UnitMask.TryFind(image.Root) is null)
        || IsIn(image, s_directories)
        || Calls(image, "/etc/inittab")
        || IsInInitramfs(image)
        || IsInRcS(image);

    // A name with a K ends what a runlevel does not have.
    private static bool IsIn(Image image, string[] directories)
    {
        foreach (string directory in directories)
        {
            foreach (string name in image.Root.NamesIn(directory))
            {
                if (IsOurs(name) && name[0] != 'K')
                {
                    return true;
                }
            }
        }

        return false;
    }

    // A file in /etc takes the place of one in /usr/share, and an empty one turns it off.
    private static bool IsInInitramfs(Image image)
    {
        if (IsIn(image, s_dracut) || Calls(image, Mkinitcpio))
        {
            return true;
        }

        foreach (string name in image.Root.NamesIn($"/etc/{LocalBottom}"))
        {
            if (IsOurs(name) && image.Lines($"/etc/{LocalBottom}/{name}").Count > 0)
            {
                return true;
            }
        }

        foreach (string name in image.Root.NamesIn($"/usr/share/{LocalBottom}"))
        {
            if (IsOurs(name) && !image.Has($"/etc/{LocalBottom}/{name}"))
            {
                return true;
            }
        }

        return false;
    }

    // Buildroot's rcS starts each S??* of the directory, where others have all their scripts.
    private static bool IsInRcS(Image image)
    {
        foreach (string name in image.Root.NamesIn("/etc/init.d"))
        {
            if (name is ['S', >= '0' and <= '9', >= '0' and <= '9', ..] && IsOurs(name))
            {
                return true;
            }
        }

        return false;
    }

    private static string? MountOver(Image image, string directory) =>
        Fstab.FindMountOver(image.Root.TryReadAdvice(Fstab.Path), directory);

    private static bool Calls(Image image, string file) => image.Lines(file).Exists(IsOurs);

    private static bool IsOurs(string text) => text.Contains("azprovision", StringComparison.Ordinal);
}
