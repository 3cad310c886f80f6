using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>
/// The published executable beside the DHCP client of the system, on one link and for one lease: whoever comes first, Ready
/// arrives, and the system's network is all there afterwards, and nothing else.
/// </summary>
public sealed class OtherClientTests : IDisposable
{
    private readonly Tree _root = new();
    private readonly NetworkNamespace _machine;
    private readonly NetworkNamespace _network;
    private readonly ScriptedServer _platform;
    private readonly ClientOfMachine _client;

    public OtherClientTests()
    {
        (_machine, _network) = NetworkNamespace.Pair();
        _platform = _network.Platform();
        _client = new ClientOfMachine(_machine);
    }

    public void Dispose()
    {
        _platform.Dispose();
        _machine.Dispose();
        _network.Dispose();
        _client.Dispose();
        _root.Dispose();
    }

    [Theory]
    [InlineData("udhcpc")]
    [InlineData("dhclient")]
    [InlineData("dhcpcd")]
    [InlineData("systemd-networkd")]
    [InlineData("NetworkManager")]
    [InlineData("ifupdown")]
    public void A_client_that_was_started_before_is_waited_for(string name)
    {
        using var dnsmasq = new Dnsmasq(_network, "--dhcp-reply-delay=1");
        _client.Start(name);
        while (!_machine.Run("ip", "link", "show", "eth0").Contains("UP", StringComparison.Ordinal))
        {
            Thread.Sleep(10);
        }

        Process run = Start();

        AssertBothAreWell(run, dnsmasq);
        Assert.DoesNotContain("eth0: lease of", Said, StringComparison.Ordinal);   // no network of our own
    }

    [Theory]
    [InlineData("udhcpc")]
    [InlineData("dhclient")]
    [InlineData("dhcpcd")]
    [InlineData("systemd-networkd")]
    [InlineData("NetworkManager")]
    [InlineData("ifupdown")]
    public void A_client_that_is_started_at_the_same_time_has_its_network(string name)
    {
        using var dnsmasq = new Dnsmasq(_network);
        Process run = Start();
        _client.Start(name);
        AssertBothAreWell(run, dnsmasq);
    }

    [Theory]
    [InlineData("udhcpc")]
    [InlineData("dhclient")]
    [InlineData("dhcpcd")]
    [InlineData("systemd-networkd")]
    [InlineData("NetworkManager")]
    [InlineData("ifupdown")]
    public void A_client_that_is_started_later_has_its_network(string name)
    {
        using var dnsmasq = new Dnsmasq(_network);
        AzurePlatform.Play(_platform, "health=503,503,503,503,200");
        Process run = Start();
        WaitForOwnNetwork(run);

        _client.Start(name);

        AssertBothAreWell(run, dnsmasq);
    }

    /// <param name="name">the client that the system starts afterwards</param>
    /// <param name="request">the call that kills: each request to the kernel, the DHCP and the wire server is one</param>
    [Theory]
    [InlineData("udhcpc", 8)]
    [InlineData("dhclient", 14)]
    [InlineData("dhcpcd", 17)]
    [InlineData("systemd-networkd", 20)]
    [InlineData("udhcpc", 21)]
    [InlineData("dhclient", 23)]
    [InlineData("dhcpcd", 25)]
    [InlineData("systemd-networkd", 28)]
    [InlineData("NetworkManager", 29)]
    [InlineData("udhcpc", 30)]
    [InlineData("dhclient", 34)]
    public void A_run_that_was_killed_is_in_no_bodys_way(string name, int request)
    {
        using var dnsmasq = new Dnsmasq(_network);
        Tool killed = _machine.Try([
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", $"inject=sendto:signal=KILL:when={request}", .. Run]);
        Assert.Equal(128 + 9, killed.ExitCode);

        _client.Start(name);
        _client.WaitForRoute();

        AssertBothAreWell(Start(), dnsmasq);
    }

    [Fact]
    public void A_run_that_was_killed_leaves_nothing_once_another_has_run_or_its_time_is_over()
    {
        using var dnsmasq = new Dnsmasq(_network);
        AzurePlatform.Play(_platform, "health=503,503,503,503,200");
        Process run = Start();
        WaitForOwnNetwork(run);
        Tool.Run("kill", "-KILL", $"{run.Id}");
        run.WaitForExit();
        Assert.Matches(@"inet 10\.9\.0\.\d+/32 scope global dynamic .*\n +valid_lft 1[0-9]{2}sec", _machine.Run("ip", "address"));

        Process second = Start();
        second.WaitForExit();

        Assert.True(second.ExitCode == 0, Said);
        Assert.Equal("", _machine.Run("ip", "-4", "address"));
        Assert.Equal("", _machine.Run("ip", "route"));
    }

    [Fact]
    public void An_address_that_somebody_has_taken_over_stays()
    {
        using var dnsmasq = new Dnsmasq(_network);
        AzurePlatform.Play(_platform, "health=503,503,503,503,200");
        Process run = Start();
        WaitForOwnNetwork(run);
        string address = _machine.Run("sh", "-c", "ip -4 -o address show dev lo | awk '{print $4}'").Trim();
        _machine.Run("ip", "address", "change", address, "dev", "lo");

        run.WaitForExit();

        Assert.True(run.ExitCode == 0, Said);
        Assert.Contains($"inet {address} scope global lo", _machine.Run("ip", "address"));
    }

    private string Log => _root.HostPath("log");

    private string Said => (File.Exists(Log) ? File.ReadAllText(Log) : "") + _client.Said;

    private string[] Run =>
    [
        "unshare", "--uts", "--", .. UnitCapabilities.Command(), Repository.Binary,
        "--root", _root.Path, "--only", "report", "--imds", "none", "--timeout", "60", "-v",
    ];

    private Process Start() => _machine.Start(Log, Run);

    private void WaitForOwnNetwork(Process run)
    {
        while (!_machine.Run("ip", "route").Contains("default via 10.9.0.1 dev eth0 proto 245", StringComparison.Ordinal))
        {
            Assert.False(run.HasExited, Said);
            Thread.Sleep(20);
        }
    }

    private void AssertBothAreWell(Process run, Dnsmasq dnsmasq)
    {
        run.WaitForExit();
        Assert.True(run.ExitCode == 0, Said);
        Assert.Contains(_platform.Requests, request => request.Text.Contains("<State>Ready</State>", StringComparison.Ordinal));
        _client.WaitForRoute();
        Assert.DoesNotContain("proto 245", _machine.Run("ip", "route"));
        Assert.DoesNotContain("/32 ", _machine.Run("ip", "-4", "address"));
        Tool ping = _machine.Try("busybox", "ping", "-c", "1", "-W", "2", "168.63.129.16");
        Assert.True(ping.ExitCode == 0, Said + _machine.State());
        Assert.StartsWith("10.9.0.", dnsmasq.Resolve(_machine, "old"));
    }
}
