using System;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Run;

namespace Azprovision.Settings;

/// <summary>Step system: what a virtual disk and a virtual NIC of the platform need of the image.</summary>
internal static class SystemFiles
{
    // The platform may hold a disk's answer back for minutes while it moves a VM; the kernel's 30 s would fail the disk.
    private const string ScsiTimeoutSeconds = "300";

    // They bind an interface name to the MAC of the machine that the image was made on.
    private static readonly string[] s_persistentNetRules =
        ["/etc/udev/rules.d/70-persistent-net.rules", "/lib/udev/rules.d/75-persistent-net-generator.rules"];

    internal static void Plan(PlannedRoot root, SystemRoot kernel, Log log)
    {
        foreach (string rules in s_persistentNetRules)
        {
            // A directory or a link to /dev/null in its place is a mask, which is what is wanted.
            if (root.TryStatusOfName(rules) is { Status.IsRegular: true })
            {
                root.Remove(rules);
            }
        }

        SystemRoot sys = root.NamesIn("/sys/block").Count > 0 ? root.Disk : kernel;
        foreach (string disk in sys.NamesIn("/sys/block"))
        {
            string path = $"/sys/block/{disk}/device/timeout";
            if (disk.StartsWith("sd", StringComparison.Ordinal) && sys.TryRead(path) is { } old
                && Encoding.ASCII.GetString(old).TrimEnd() != ScsiTimeoutSeconds)
            {
                root.Call(path, () => SetTimeout(sys, path, log));
            }
        }
    }

    // A disk that keeps its timeout is no reason to fail a machine: it works as long as the platform is quick.
    private static void SetTimeout(SystemRoot sys, string path, Log log)
    {
        try
        {
            sys.WriteAttribute(path, Encoding.ASCII.GetBytes(ScsiTimeoutSeconds));
        }
        catch (IOException e)
        {
            log.Warning($"{e.Message}, ignoring");
        }
    }
}
