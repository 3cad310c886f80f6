using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text.RegularExpressions;
using System.Threading;

namespace Azprovision.Tests.Live.Support;

/// <summary>
/// dnsmasq as the network's DHCP server and DNS at 10.9.0.1, leases from 10.9.0.100 on: names of leases resolve in it.
/// </summary>
internal sealed partial class Dnsmasq : IDisposable
{
    internal const string Address = "10.9.0.1";

    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-dnsmasq-").FullName;
    private readonly NetworkNamespace _network;
    private readonly Process _process;

    internal Dnsmasq(NetworkNamespace network, params IEnumerable<string> arguments)
        : this(network, "eth0", "10.9.0", arguments)
    {
    }

    internal Dnsmasq(NetworkNamespace network, string link, string net, IEnumerable<string> arguments)
    {
        _network = network;
        network.Run("ip", "address", "add", $"{net}.1/24", "dev", link);
        _process = network.Start(
            Path.Combine(_directory, "log"),
            [
                "dnsmasq", "--keep-in-foreground", "--log-facility=-", "--log-dhcp", "--conf-file=/dev/null", "--user=root",
                "--no-resolv", "--no-hosts", "--bind-interfaces", $"--interface={link}", "--except-interface=lo",
                $"--pid-file={_directory}/pid", $"--dhcp-leasefile={_directory}/leases", "--dhcp-authoritative",
                $"--dhcp-range={net}.100,{net}.110,255.255.255.0,1h", "--no-ping", .. arguments,
            ]);
        for (int tries = 0; !Log.Contains("DHCP, IP range", StringComparison.Ordinal); tries++)
        {
            if (tries > 100 || _process.HasExited)
            {
                throw new IOException($"dnsmasq did not start: {Log}");
            }

            Thread.Sleep(20);
        }
    }

    internal string Log
    {
        get
        {
            string path = Path.Combine(_directory, "log");
            return File.Exists(path) ? File.ReadAllText(path) : "";
        }
    }

    /// <summary>The address that its DNS has for a name; empty for none.</summary>
    internal string Resolve(string name) => Resolve(_network, name);

    /// <param name="asking">from where it is asked</param>
    internal string Resolve(NetworkNamespace asking, string name)
    {
        string answer = asking.Try("busybox", "nslookup", "-type=a", name, Address).Output;
        return AddressLine().Match(answer).Groups["address"].Value;
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        Directory.Delete(_directory, recursive: true);
    }

    // The server's own line has its port behind the address.
    [GeneratedRegex(@"^Address: (?<address>[0-9.]+)$", RegexOptions.Multiline)]
    private static partial Regex AddressLine();
}
