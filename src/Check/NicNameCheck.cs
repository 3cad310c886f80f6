using System;
using System.Collections.Generic;
using Azprovision.Network;
using Azprovision.Spec;

namespace Azprovision.Check;

/// <summary>
/// Rules that name an interface by its hardware address. With accelerated networking a virtual function has the address of its
/// hv_netvsc twin, so a rule that does not tell them apart may give the name to either.
/// </summary>
internal static class NicNameCheck
{
    private const string Subject = "network";
    private const string Synthetic = "hv_netvsc";
    private const string Removed = "/etc/udev/rules.d/70-persistent-net.rules";   // by the step "system"

    internal static void Look(Image image, Findings findings)
    {
        foreach ((string directory, string suffix, Predicate<string> isIt) in ((string, string, Predicate<string>)[])
            [
                ("/etc/udev/rules.d", ".rules", IsUdevRule),
                ("/etc/systemd/network", ".link", IsLinkFile),
                ("/usr/lib/systemd/network", ".link", IsLinkFile),
                ("/etc/netplan", ".yaml", IsNetplan),
            ])
        {
            foreach (string name in image.Root.NamesIn(directory))
            {
                string path = $"{directory}/{name}";
                List<string> lines = name.EndsWith(suffix, StringComparison.Ordinal) && path != Removed ? image.Lines(path) : [];
                if (suffix == ".rules" ? lines.Exists(isIt) : lines.Count > 0 && isIt(string.Join('\n', lines)))
                {
                    findings.Warn(Subject, $"{path} names an interface by its address, which an accelerated twin has too",
                        "remove it, or let it ask for the driver hv_netvsc");
                }
            }
        }
    }

    /// <summary>The interfaces of a running machine.</summary>
    internal static void LookAtLinks(IReadOnlyList<Link> links, Findings findings)
    {
        foreach (Link link in links)
        {
            foreach (Link other in links)
            {
                if (link.Driver == Synthetic && other.IsEthernet && other.Kind is null && other.Driver != Synthetic
                    && other.HardwareAddress.AsSpan().SequenceEqual(link.HardwareAddress))
                {
                    findings.Note(Subject, $"{Printable.Of(link.Name)} has an accelerated twin, {Printable.Of(other.Name)}"
                        + (other.IsSlave ? "" : ", that the kernel does not use through it"));
                }
            }
        }
    }

    private static bool IsUdevRule(string rule) =>
        Has(rule, "ATTR{address}==") && Has(rule, "NAME=") && !Has(rule, "DRIVERS==") && !Has(rule, "ID_NET_DRIVER");

    // systemd.link(5); "mac" as the policy for all interfaces would give both the same name.
    private static bool IsLinkFile(string text) => !Has(text, "\nDriver=")
        && ((Has(text, "MACAddress=") && Has(text, "\nName="))
            || (Has(text, "\nOriginalName=*\n") && Array.Exists(text.Split('\n'),
                line => line.StartsWith("NamePolicy=", StringComparison.Ordinal) && Has($"{line} ", "mac "))));

    private static bool IsNetplan(string text) =>
        Has(text, "macaddress:") && Has(text, "set-name:") && !Has(text, "driver:");

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.Ordinal);
}
