using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using Azprovision.Network;
using Azprovision.Run;
using Azprovision.Spec;
using Azprovision.Tests.Live.Support;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>
/// A machine whose own DHCP client has brought the network up under an old name learns its new one: the network's DNS must
/// have it then, with the client still running and nothing changed on the link.
/// </summary>
public sealed class HostNamePublicationTests : IDisposable
{
    // Mounts of the client's own, so that it writes nothing to this host.
    private const string Private = "mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/lib/dhcpcd; mount -t sysfs -o ro sysfs /sys; ";

    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-client-").FullName;
    private readonly NetworkNamespace _machine;
    private readonly NetworkNamespace _network;

    public HostNamePublicationTests() => (_machine, _network) = NetworkNamespace.Pair();

    public void Dispose()
    {
        _machine.Dispose();
        _network.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("udhcpc")]
    [InlineData("dhclient")]
    [InlineData("dhcpcd")]
    [InlineData("systemd-networkd")]
    public void Dnsmasq_has_the_new_name_in_its_dns_while_the_client_keeps_running(string name)
    {
        using var dnsmasq = new Dnsmasq(_network);
        Process client = Start(name);
        string address = dnsmasq.Resolve("old");
        Assert.StartsWith("10.9.0.1", address);

        Publish(client);

        Assert.Equal(address, dnsmasq.Resolve("vm-17"));
    }

    [Theory]
    [InlineData("udhcpc")]
    [InlineData("dhclient")]
    [InlineData("dhcpcd")]
    [InlineData("systemd-networkd")]
    public void Isc_dhcpd_which_goes_by_client_identifiers_has_the_new_name(string name)
    {
        using var dhcpd = new Dhcpd(_network, "option routers 10.9.0.1;");
        Process client = Start(name);
        Assert.DoesNotContain("\"vm-17\"", File.ReadAllText(dhcpd.LeaseFile));

        Publish(client);

        Assert.Contains("client-hostname \"vm-17\"", File.ReadAllText(dhcpd.LeaseFile));
    }

    [Fact]
    public void Without_a_dhcp_server_the_reason_is_given()
    {
        _machine.Run("ip", "link", "set", "eth0", "up");
        _machine.Run("ip", "address", "add", "10.9.0.7/24", "dev", "eth0");
        _machine.Run("ip", "route", "add", "default", "via", "10.9.0.1");
        Assert.Equal("eth0: no DHCP server answered", TryPublish("/"));
    }

    private string Log => Path.Combine(_directory, "log");

    private string Said => File.Exists(Log) ? File.ReadAllText(Log) : "";

    private void Publish(Process client)
    {
        string before = _machine.Run("ip", "address") + _machine.Run("ip", "route");
        string events = Path.Combine(_directory, "events");
        _machine.Start(events, "ip", "monitor", "link", "address", "route");
        Thread.Sleep(200);

        string? problem = TryPublish($"/proc/{client.Id}/root");
        Assert.True(problem is null, $"{problem}\n{Said}");

        Assert.False(client.HasExited, Said);
        Assert.Equal(Lasting(before), Lasting(_machine.Run("ip", "address") + _machine.Run("ip", "route")));
        Assert.Equal("", File.ReadAllText(events));
    }

    /// <summary>Starts a client under the name "old" and waits until it has brought the network up.</summary>
    private Process Start(string client)
    {
        Process process = client switch
        {
            "udhcpc" => StartUdhcpc(),
            "dhclient" => StartDhclient(),
            // Below a shell, whose root shows the client's files: dhcpcd itself changes its root.
            "dhcpcd" => _machine.Start(
                Log, "unshare", "--mount", "--uts", "sh", "-c",
                $"{Private} hostname old; dhcpcd --nobackground --ipv4only --hostname --nohook resolv.conf --nohook hostname eth0; exit"),
            _ => StartNetworkd(),
        };
        for (int tries = 0; !_machine.Run("ip", "route").Contains("default via 10.9.0.1", StringComparison.Ordinal); tries++)
        {
            Assert.False(tries > 100 || process.HasExited, Said);
            Thread.Sleep(100);
        }

        return process;
    }

    private Process StartUdhcpc()
    {
        _machine.Run("ip", "link", "set", "eth0", "up");
        string script = Script(
            """[ "$1" != bound ] || { ip address add "$ip/$mask" dev eth0; ip route add default via "$router"; }""");
        return _machine.Start(Log, "busybox", "udhcpc", "-f", "-i", "eth0", "-x", "hostname:old", "-s", script);
    }

    private Process StartDhclient()
    {
        string script = Script("""
            case $reason in
              PREINIT) ip link set eth0 up ;;
              BOUND) ip address add "$new_ip_address/$new_subnet_mask" dev eth0; ip route add default via "$new_routers" ;;
            esac
            """);
        string configuration = Path.Combine(_directory, "dhclient.conf");
        File.WriteAllText(configuration, "send host-name \"old\";\n");
        return _machine.Start(
            Log, "dhclient", "-d", "-4", "-cf", configuration, "-sf", script,
            "-lf", $"{_directory}/leases", "-pf", $"{_directory}/pid", "eth0");
    }

    private Process StartNetworkd()
    {
        string unit = Path.Combine(_directory, "unit");
        File.WriteAllText(unit, "[Match]\nName=eth0\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n");
        string script = Script($"""
            {Private}
            hostname old
            mkdir -p /run/systemd/network /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp
            chown -R systemd-network /run/systemd/netif
            cp {unit} /run/systemd/network/10-eth0.network
            exec /lib/systemd/systemd-networkd
            """);
        return _machine.Start(Log, "unshare", "--mount", "--uts", script);
    }

    private string? TryPublish(string kernel) => _machine.Do(() =>
    {
        Deadline deadline = Deadline.After(TimeSpan.FromSeconds(5), TimeProvider.System);
        return HostNamePublication.TryPublish(NetworkHost.With(deadline, kernel), HostName.Parse("vm-17"), deadline);
    });

    // Without the seconds that an address has left.
    private static string Lasting(string text) => System.Text.RegularExpressions.Regex.Replace(text, @"\d+sec", "");

    private string Script(string body)
    {
        string path = Path.Combine(_directory, "script");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
