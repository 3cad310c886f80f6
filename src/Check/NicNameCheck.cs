using System;
using System.Collections.Generic;

namespace Azprovision.Check;

/// <summary>
/// Rules that name an interface by its hardware address. With accelerated networking a virtual function has the address of its
/// hv_netvsc twin, so a rule that does not tell them apart may give the name to either.
/// </summary>
internal static class NicNameCheck
{
    private const string Removed = "/etc/udev/rules.d/70-persistent-net.rules";   // by the step "system"

    internal static void Look(Image image, Findings findings)
    {
        foreach ((string directory, string suffix, Predicate<string> isIt) in ((string, string, Predicate<string>)[])
            [
                ("/etc/udev/rules.d", ".rules", IsUdevRule),
                ("/etc/systemd/network", ".link", IsLinkFile),
                ("/etc/netplan", ".yaml", IsNetplan),
            ])
        {
            foreach (string name in image.Root.NamesIn(directory))
            {
                string path = $"{directory}/{name}";
                List<string> lines = name.EndsWith(suffix, StringComparison.Ordinal) && path != Removed ? image.Lines(path) : [];
                if (suffix == ".rules" ? lines.Exists(isIt) : lines.Count > 0 && isIt(string.Join('\n', lines)))
                {
                    findings.Warn("network", $"{path} names an interface by its address, which an accelerated twin has too",
                        "remove it, or let it ask for the driver hv_netvsc");
                }
            }
        }
    }

    private static bool IsUdevRule(string rule) =>
        Has(rule, "ATTR{address}==") && Has(rule, "NAME=") && !Has(rule, "DRIVERS==") && !Has(rule, "ID_NET_DRIVER");

    private static bool IsLinkFile(string text) =>
        Has(text, "MACAddress=") && Has(text, "\nName=") && !Has(text, "\nDriver=");

    private static bool IsNetplan(string text) =>
        Has(text, "macaddress:") && Has(text, "set-name:") && !Has(text, "driver:");

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.Ordinal);
}
