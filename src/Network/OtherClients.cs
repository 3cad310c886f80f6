using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;

namespace Azprovision.Network;

/// <summary>What else on this machine may be bringing the network up, as far as /proc tells.</summary>
internal static class OtherClients
{
    private const string Networkd = "systemd-network";

    // As /proc/PID/comm has them: 15 characters.
    private static readonly HashSet<string> s_names =
    [
        Networkd, "NetworkManager", "dhclient", "dhcpcd", "udhcpc", "connmand", "ifup", "wickedd", "wickedd-dhcp4", "netifd",
    ];

    /// <summary>One that is at work in this network namespace; null when there is none.</summary>
    internal static string? TryFind(SystemRoot kernel, IReadOnlyList<Link> links)
    {
        string? ours = NamespaceOf(kernel, "thread-self");
        foreach (string process in kernel.NamesIn("/proc"))
        {
            if (char.IsAsciiDigit(process[0]) && NameOf(kernel, process) is { } name && s_names.Contains(name)
                && NamespaceOf(kernel, process) == ours && !(name == Networkd && LeavesAll(kernel, links)))
            {
                return $"{name} (process {process})";
            }
        }

        return IsClientPortTaken(kernel) ? $"a DHCP client (UDP port {DhcpClient.ClientPort} is taken)" : null;
    }

    // "sl local_address rem_address ...", addresses as hexadecimal "ADDRESS:PORT"
    private static bool IsClientPortTaken(SystemRoot kernel)
    {
        string port = $":{DhcpClient.ClientPort.ToString("X4", CultureInfo.InvariantCulture)}";
        foreach (string line in TryRead(kernel, "/proc/thread-self/net/udp")?.Split('\n') ?? [])
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var local, ..]
                && local.EndsWith(port, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static string? NameOf(SystemRoot kernel, string process)
    {
        string? name = TryRead(kernel, $"/proc/{process}/comm")?.TrimEnd('\n');

        // One that was not called by its own name: "busybox udhcpc".
        return name == "busybox" && TryRead(kernel, $"/proc/{process}/cmdline")?.Split('\0') is [_, var applet, ..]
            ? applet
            : name;
    }

    /// <summary>Many images run networkd, and few of them have it configure anything: it says so.</summary>
    private static bool LeavesAll(SystemRoot kernel, IReadOnlyList<Link> links)
    {
        foreach (Link link in links)
        {
            string? state = TryRead(kernel, $"/run/systemd/netif/links/{link.Index}");
            if (state?.Contains("ADMIN_STATE=unmanaged\n", StringComparison.Ordinal) != true)
            {
                return false;
            }
        }

        return true;
    }

    private static string? NamespaceOf(SystemRoot kernel, string process)
    {
        try
        {
            string path = $"/proc/{process}/ns";
            using Descriptor? directory = kernel.TryOpen(path, Libc.O_RDONLY | Libc.O_DIRECTORY);
            return directory is null ? null : Libc.TryReadLinkAt(directory.Number, "net", path);
        }
        catch (IOException)
        {
            return null;   // it has ended
        }
    }

    private static string? TryRead(SystemRoot kernel, string path)
    {
        try
        {
            return kernel.TryRead(path) is { } bytes ? Encoding.Latin1.GetString(bytes) : null;
        }
        catch (IOException)
        {
            return null;   // the process has ended: ESRCH
        }
    }
}
