using System;
using System.Text;
using Azprovision.Files;

namespace Azprovision.Settings;

/// <summary>Step system: what a virtual disk and a virtual NIC of the platform need of the image.</summary>
internal static class SystemFiles
{
    // The platform may hold a disk's answer back for minutes while it moves a VM; the kernel's 30 s would fail the disk.
    private const string ScsiTimeoutSeconds = "300";

    // They bind an interface name to the MAC of the machine that the image was made on.
    private static readonly string[] s_persistentNetRules =
        ["/etc/udev/rules.d/70-persistent-net.rules", "/lib/udev/rules.d/75-persistent-net-generator.rules"];

    /// <summary>A machine without any of it works, if not always: what cannot be done of it is a warning.</summary>
    internal static void Plan(PlannedRoot root, SystemRoot kernel)
    {
        root.Try(() => RemoveNetRules(root));
        root.Try(() => SetTimeouts(root, root.NamesIn("/sys/block").Count > 0 ? root.Disk : kernel));
    }

    private static void RemoveNetRules(PlannedRoot root)
    {
        foreach (string rules in s_persistentNetRules)
        {
            // A directory or a link to /dev/null in its place is a mask, which is what is wanted.
            if (root.TryStatusOfName(rules) is { Status.IsRegular: true })
            {
                root.Remove(rules);
            }
        }
    }

    private static void SetTimeouts(PlannedRoot root, SystemRoot sys)
    {
        foreach (string disk in sys.NamesIn("/sys/block"))
        {
            string path = $"/sys/block/{disk}/device/timeout";
            if (disk.StartsWith("sd", StringComparison.Ordinal) && sys.TryRead(path) is { } old
                && Encoding.ASCII.GetString(old).TrimEnd() != ScsiTimeoutSeconds)
            {
                root.Call(path, () => sys.WriteAttribute(path, Encoding.ASCII.GetBytes(ScsiTimeoutSeconds)));
            }
        }
    }
}
