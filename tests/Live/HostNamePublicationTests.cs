using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using Azprovision.Network;
using Azprovision.Run;
using Azprovision.Spec;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>
/// A machine whose own DHCP client has brought the network up under an old name learns its new one: the network's DNS must
/// have it then, with the client still running and nothing changed on the link.
/// </summary>
public sealed class HostNamePublicationTests : IDisposable
{
    private readonly NetworkNamespace _machine;
    private readonly NetworkNamespace _network;
    private readonly ClientOfMachine _client;

    public HostNamePublicationTests()
    {
        (_machine, _network) = NetworkNamespace.Pair();
        _client = new ClientOfMachine(_machine);
    }

    public void Dispose()
    {
        _client.Dispose();
        _machine.Dispose();
        _network.Dispose();
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
    public void A_network_that_is_up_has_the_new_name_though_none_may_be_made_and_nothing_is_slow_to_close()
    {
        using var dnsmasq = new Dnsmasq(_network);
        using var root = new Tree();
        Directory.CreateDirectory(root.HostPath("etc"));
        Start("udhcpc");
        string address = dnsmasq.Resolve("old");

        Tool run = _machine.Try(
            "unshare", "--uts", "--", "strace", "-f", "-qq", "-e", "trace=socket", "-o", _client.PathOf("trace"),
            Repository.Binary, "--root", root.Path, "--media", Repository.PathOf("tests/Live/fault-ovf-env.xml"),
            "--network", "off", "--imds", "none", "--only", "hostname");

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(address, dnsmasq.Resolve("heron"));
        Assert.DoesNotContain("AF_PACKET", File.ReadAllText(_client.PathOf("trace")));
    }

    [Fact]
    public void Without_a_dhcp_server_the_reason_is_given()
    {
        _machine.Run("ip", "link", "set", "eth0", "up");
        _machine.Run("ip", "address", "add", "10.9.0.7/24", "dev", "eth0");
        _machine.Run("ip", "route", "add", "default", "via", "10.9.0.1");
        Assert.Equal("eth0: no DHCP server answered", TryPublish("/"));
    }

    private void Publish(Process client)
    {
        string before = _machine.Run("ip", "address") + _machine.Run("ip", "route");
        string events = _client.PathOf("events");
        _machine.Start(events, "ip", "monitor", "link", "address", "route");
        Thread.Sleep(200);

        string? problem = TryPublish($"/proc/{client.Id}/root");
        Assert.True(problem is null, $"{problem}\n{_client.Said}");

        Assert.False(client.HasExited, _client.Said);
        Assert.Equal(Lasting(before), Lasting(_machine.Run("ip", "address") + _machine.Run("ip", "route")));
        Assert.Equal("", File.ReadAllText(events));
    }

    /// <summary>Starts a client under the name "old" and waits until it has brought the network up.</summary>
    private Process Start(string client)
    {
        Process process = _client.Start(client);
        _client.WaitForRoute();
        return process;
    }

    private string? TryPublish(string kernel) => _machine.Do(() =>
    {
        Deadline deadline = Deadline.After(TimeSpan.FromSeconds(5), TimeProvider.System);
        return HostNamePublication.TryPublish(NetworkHost.With(deadline, kernel), HostName.Parse("vm-17"), deadline);
    });

    // Without the seconds that an address has left.
    private static string Lasting(string text) => System.Text.RegularExpressions.Regex.Replace(text, @"\d+sec", "");
}
