using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Native;
using Azprovision.Network;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Check;

/// <summary>Whether the platform's DNS, which is where the wire server is, knows this machine by its name.</summary>
internal static class NameCheck
{
    private const string Subject = "hostname";
    private const ushort DnsPort = 53;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    // systemd-resolved shows itself in the first, and in the second what it was told.
    private static readonly string[] s_files = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

    internal static void Look(Host host, Image image, Findings findings)
    {
        string name = Libc.GetHostName();
        List<string> names = Qualified(image, name);
        if (names.Count == 0)
        {
            findings.Note(Subject, $"'{Printable.Of(name)}': no search domain in {s_files[0]}, so its full name is not known");
            return;
        }

        var server = new Endpoint(host.WireServer.Address, DnsPort);
        try
        {
            Deadline deadline = host.Deadline.Within(s_patience);
            if (names.Find(full => NameQuery.Resolves(server, full, deadline)) is { } known)
            {
                findings.Note(Subject, $"the platform resolves {Printable.Of(known)}");
            }
            else
            {
                findings.Warn(Subject, $"the platform does not resolve {Printable.Of(string.Join(", ", names))}",
                    "let the DHCP client send the host name (option 12), or see whether the virtual network has a DNS of its own");
            }
        }
        catch (Exception e) when (e is IOException or TimeoutException or InvalidDataException)
        {
            findings.Note(Subject, $"whether the platform resolves '{Printable.Of(name)}' is not known: {Printable.Of(e.Message)}");
        }
    }

    /// <summary>The name in each search domain, or alone if it has a domain (resolv.conf(5)).</summary>
    private static List<string> Qualified(Image image, string name)
    {
        var names = new List<string>();
        if (name.Contains('.', StringComparison.Ordinal))
        {
            names.Add(name);
        }

        foreach (string file in s_files)
        {
            foreach (string line in image.Lines(file))
            {
                AddDomains(names, name, line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
            }
        }

        return names;
    }

    private static void AddDomains(List<string> names, string name, string[] words)
    {
        for (int i = 1; i < words.Length && words[0] is "search" or "domain"; i++)
        {
            string domain = words[i].Trim('.');
            if (domain.Length > 0 && !names.Contains($"{name}.{domain}"))
            {
                names.Add($"{name}.{domain}");
            }
        }
    }
}
