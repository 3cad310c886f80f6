using System;
using Azprovision.Configuration;

namespace Azprovision.Check;

/// <summary>
/// Whether an image has a network of its own: that of a run ends with the run, and where cloud-init is turned off nobody writes a
/// configuration. What could make one is known of many systems and not of all: in doubt there is one.
/// </summary>
internal static class NetworkCheck
{
    private static readonly string[] s_knownInits = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd", "/etc/inittab"];

    // They look for networks by themselves.
    private static readonly string[] s_programs = ["NetworkManager", "dhcpcd", "connmand"];

    // Each is a directory, a beginning and an end of names in it.
    private static readonly (string Directory, string Start, string End)[] s_files =
    [
        ("/etc/netplan", "", ".yaml"),
        ("/usr/lib/netplan", "", ".yaml"),
        ("/etc/systemd/network", "", ".network"),
        ("/usr/lib/systemd/network", "", ".network"),
        ("/lib/systemd/network", "", ".network"),
        ("/etc/sysconfig/network", "ifcfg-", ""),
        ("/etc/sysconfig/network-scripts", "ifcfg-", ""),
        ("/etc/netctl", "", ""),
        ("/etc/conf.d", "net", ""),
        ("/etc/rc.d", "rc.inet1.conf", ""),
    ];

    // The loop, and systemd's own for what is not a NIC.
    private static readonly string[] s_others = ["80-6rd-", "80-container-", "80-namespace-", "80-vm-", "80-wifi-", "ifcfg-lo"];

    private static readonly string[] s_scripts = ["/etc/inittab", "/etc/rc.local", "/etc/rc.d/rc.local"];
    private static readonly string[] s_directoriesOfScripts = ["/etc/init.d", "/etc/systemd/system"];
    private static readonly string[] s_words = ["dhclient", "dhcpcd", "udhcpc", "eth0"];

    internal static void Look(Image image, Options options, Findings findings)
    {
        if (!image.IsRunning && !options.KeepNetwork && Array.Exists(s_knownInits, image.Has) && !IsConfigured(image))
        {
            findings.Warn("network", "nothing known to azprovision configures a network at boot: a machine would be ready, and out of reach",
                "configure DHCP for eth0, as cloud-init would");
        }
    }

    private static bool IsConfigured(Image image) =>
        Array.Exists(s_programs, image.HasProgram)
        || AgentCheck.HasCloudInit(image)
        || Array.Exists(s_files, files => IsAnyThere(image, files.Directory, files.Start, files.End))
        || HasInterface(image)
        || Array.Exists(s_scripts, path => Calls(image, path))
        || Array.Exists(s_directoriesOfScripts, directory => IsAnyCalling(image, directory))
        || BootArguments.TryRead(image)?.Has(word => word.StartsWith("ip=", StringComparison.Ordinal)) == true;

    // A link to /dev/null turns one off.
    private static bool IsAnyThere(Image image, string directory, string start, string end)
    {
        foreach (string name in image.Root.NamesIn(directory))
        {
            if (name.StartsWith(start, StringComparison.Ordinal) && name.EndsWith(end, StringComparison.Ordinal)
                && !Array.Exists(s_others, other => name.StartsWith(other, StringComparison.Ordinal))
                && image.Root.TryStatus($"{directory}/{name}") is { IsRegular: true })
            {
                return true;
            }
        }

        return false;
    }

    // interfaces(5)
    private static bool HasInterface(Image image)
    {
        const string Interfaces = "/etc/network/interfaces";
        bool isThere = image.Lines(Interfaces).Exists(IsInterface);
        foreach (string name in image.Root.NamesIn($"{Interfaces}.d"))
        {
            isThere |= image.Lines($"{Interfaces}.d/{name}").Exists(IsInterface);
        }

        return isThere;
    }

    private static bool IsInterface(string line) =>
        line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is ["iface", not "lo", ..];

    private static bool IsAnyCalling(Image image, string directory)
    {
        foreach (string name in image.Root.NamesIn(directory))
        {
            if (Calls(image, $"{directory}/{name}"))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Calls(Image image, string path) =>
        image.Lines(path).Exists(line => Array.Exists(s_words, word => line.Contains(word, StringComparison.Ordinal)));
}
