using System;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace Azprovision.Tests.Live.Support;

/// <summary>ISC dhcpd on eth0 of a namespace at 10.9.0.1, with Azure's options of its own making.</summary>
internal sealed class Dhcpd : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-dhcpd-").FullName;
    private readonly Process _process;

    /// <param name="options">lines of dhcpd.conf inside the subnet</param>
    internal Dhcpd(NetworkNamespace network, string options)
    {
        string configuration = Path.Combine(_directory, "conf");
        string leases = Path.Combine(_directory, "leases");
        string log = Path.Combine(_directory, "log");
        File.WriteAllText(leases, "");
        File.WriteAllText(configuration, $$"""
            authoritative;
            ping-check false;
            option classless code 121 = array of unsigned integer 8;
            option ms-classless code 249 = array of unsigned integer 8;
            option wire-server code 245 = ip-address;
            subnet 10.9.0.0 netmask 255.255.255.0 {
              range 10.9.0.100 10.9.0.110;
              option wire-server 168.63.129.16;
              {{options}}
            }
            """);
        network.Run("ip", "address", "add", "10.9.0.1/24", "dev", "eth0");
        _process = network.Start(
            log, "dhcpd", "-4", "-d", "-cf", configuration, "-lf", leases, "-pf", Path.Combine(_directory, "pid"), "eth0");
        for (int tries = 0; !File.Exists(log) || !File.ReadAllText(log).Contains("Sending on   Socket", StringComparison.Ordinal); tries++)
        {
            if (tries > 100 || _process.HasExited)
            {
                throw new IOException($"dhcpd did not start: {(File.Exists(log) ? File.ReadAllText(log) : "")}");
            }

            Thread.Sleep(20);
        }

        LeaseFile = leases;
    }

    internal string LeaseFile { get; }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        Directory.Delete(_directory, recursive: true);
    }
}
