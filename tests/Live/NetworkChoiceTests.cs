using System;
using System.Collections.Generic;
using System.Threading;
using Azprovision.Network;
using Azprovision.Run;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>Which of several ways leads to the platform, and what is no hindrance on it.</summary>
public sealed class NetworkChoiceTests : IDisposable
{
    private readonly NetworkNamespace _machine;
    private readonly NetworkNamespace _network;
    private readonly ScriptedServer _platform;

    public NetworkChoiceTests()
    {
        (_machine, _network) = NetworkNamespace.Pair();
        _platform = _network.Platform();
    }

    public void Dispose()
    {
        _platform.Dispose();
        _machine.Dispose();
        _network.Dispose();
    }

    [Fact]
    public void The_interface_whose_lease_leads_to_the_platform_is_the_one_in_use()
    {
        using var other = new NetworkNamespace();
        NetworkNamespace.Connect(_machine, "eth1", other, "eth1");
        using var withoutRoute = new Dnsmasq(_network, "--dhcp-option=3");
        using var withRoute = new Dnsmasq(other, "eth1", "10.8.0", []);
        other.Run("ip", "link", "set", "lo", "up");
        using ScriptedServer platform = other.Platform();
        string before = _machine.State();

        OwnNetwork network = Ensure()!;

        Assert.StartsWith("10.8.0.", Endpoint.TextOf(network.Lease!.Address));
        Assert.DoesNotContain("10.9.0", _machine.Run("ip", "address"));
        network.Dispose();
        Assert.Equal(before, _machine.State());
    }

    [Fact]
    public void A_default_route_is_no_way_to_the_platform()
    {
        using var other = new NetworkNamespace();
        NetworkNamespace.Connect(_machine, "eth1", other, "eth1");
        other.Run("ip", "link", "set", "lo", "up");
        using ScriptedServer platform = other.Platform();
        using var withDefault = new Dnsmasq(_network);
        using var withPlatform = new Dnsmasq(other, "eth1", "10.8.0", ["--dhcp-option=245,168.63.129.16"]);

        using OwnNetwork network = Ensure()!;

        Assert.StartsWith("10.8.0.", Endpoint.TextOf(network.Lease!.Address));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_default_route_on_which_the_platform_is_silent_is_left_for_another(bool isOfTheSystem)
    {
        _platform.Dispose();
        using var other = new NetworkNamespace();
        NetworkNamespace.Connect(_machine, "eth1", other, "eth1");
        other.Run("ip", "link", "set", "lo", "up");
        using ScriptedServer platform = other.Platform();
        using Dnsmasq? dnsmasq = isOfTheSystem ? null : new Dnsmasq(_network);
        using var second = new Dnsmasq(other, "eth1", "10.8.0", []);
        if (isOfTheSystem)
        {
            _machine.Run("ip", "link", "set", "eth0", "up");
            _machine.Run("ip", "address", "add", "10.9.0.7/24", "dev", "eth0");
            _machine.Run("ip", "route", "add", "default", "via", "10.9.0.1");
        }

        string before = _machine.State();
        OwnNetwork network = Ensure(30)!;

        Assert.StartsWith("10.8.0.", Endpoint.TextOf(network.Lease!.Address));
        Assert.Contains("168.63.129.16 via 10.8.0.1 dev eth1", _machine.Run("ip", "route"));
        Assert.Equal(!isOfTheSystem, _machine.Run("ip", "route").Contains("default via 10.8.0.1", StringComparison.Ordinal));
        network.Dispose();
        Assert.Equal(before, _machine.State());
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public void The_offer_that_leads_to_the_platform_is_taken_though_another_came_first(int later)
    {
        _network.Run("ip", "address", "add", "10.9.0.1/24", "dev", "eth0");
        using var server = new ScriptedDhcpServer(_network, (request, _) => FirstAndRight(request, later));
        using OwnNetwork network = Ensure(20)!;
        Assert.Equal(ScriptedDhcpServer.Given, network.Lease!.Address);
        Assert.Equal(ScriptedDhcpServer.Address, network.Lease!.Server);
    }

    [Fact]
    public void A_platform_that_is_silent_on_every_way_is_waited_for_on_the_first()
    {
        _platform.Dispose();
        using var dnsmasq = new Dnsmasq(_network);
        using OwnNetwork network = Ensure(5)!;
        Assert.Contains("168.63.129.16 via 10.9.0.1 dev eth0", _machine.Run("ip", "route"));
    }

    [Fact]
    public void A_route_that_the_kernel_refuses_is_no_reason_to_do_without_the_others()
    {
        // The second gateway is this machine itself.
        using var dnsmasq = new Dnsmasq(
            _network, "--dhcp-host=*:*:*:*:*:*,10.9.0.105", "--dhcp-option=121,10.77.0.0/16,10.9.0.105,0.0.0.0/0,10.9.0.1");
        using OwnNetwork network = Ensure()!;
        Assert.Contains("default via 10.9.0.1", _machine.Run("ip", "route"));
        Assert.DoesNotContain("10.77.0.0", _machine.Run("ip", "route"));
    }

    [Fact]
    public void An_unreachable_default_is_no_hindrance()
    {
        _machine.Run("ip", "route", "add", "unreachable", "default");
        using var dnsmasq = new Dnsmasq(_network);
        string before = _machine.State();
        Ensure()!.Dispose();
        Assert.Equal(before, _machine.State());
    }

    [Fact]
    public void A_link_that_does_not_come_up_is_that_links_problem_alone()
    {
        // A macvlan with the address of the link below it.
        NetworkNamespace.Connect(_machine, "eth8", _network, "eth8");
        string address = _machine.Run("sh", "-c", "ip -o link show eth8 | sed 's/.*ether \\([^ ]*\\).*/\\1/'").Trim();
        _machine.Run("ip", "link", "add", "link", "eth8", "name", "bad0", "address", address, "type", "macvlan", "mode", "bridge");
        using var dnsmasq = new Dnsmasq(_network);
        using OwnNetwork network = Ensure(20)!;
        Assert.Contains("default via 10.9.0.1 dev eth0", _machine.Run("ip", "route"));
    }

    [Fact]
    public void A_driver_that_does_not_tell_its_name_is_no_hindrance()
    {
        using var dnsmasq = new Dnsmasq(_network);
        using var root = new Tree();
        Tool run = _machine.Try(
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=ioctl:error=EIO", Repository.Binary,
            "--root", root.Path, "--only", "report", "--imds", "none", "--timeout", "60");
        Assert.True(run.ExitCode == 0, run.Errors);
    }

    [Fact]
    public void An_mtu_that_ipv6_cannot_live_with_leaves_ipv6_alone()
    {
        _machine.Run("ip", "link", "set", "eth0", "up");
        _machine.Run("ip", "address", "add", "fd00:9::5/64", "dev", "eth0", "nodad");
        _machine.Run("ip", "-6", "route", "add", "default", "via", "fd00:9::1");
        using var dnsmasq = new Dnsmasq(_network, "--dhcp-option-force=26,1200");
        string before = _machine.Run("ip", "-6", "address") + _machine.Run("ip", "-6", "route");

        using OwnNetwork network = Ensure()!;

        Assert.Contains("default via 10.9.0.1 dev eth0 proto 245", _machine.Run("ip", "route"));
        Assert.Contains("mtu 1200", _machine.Run("ip", "route"));
        Assert.Equal(before, _machine.Run("ip", "-6", "address") + _machine.Run("ip", "-6", "route"));
    }

    // The kernel then answers ARP only for addresses of the link itself, and asks in the name of none of another.
    [Fact]
    public void Strict_rules_for_arp_are_no_hindrance()
    {
        _machine.Run(
            "sh", "-c",
            "cd /proc/sys/net/ipv4/conf/all; echo 1 >arp_ignore; echo 2 >arp_announce; echo 1 >arp_filter; echo 1 >rp_filter");
        using var dnsmasq = new Dnsmasq(_network);
        using OwnNetwork network = Ensure()!;
        Assert.True(_machine.Do(() => NetworkSetup.Answers(
            Endpoint.WireServer, Deadline.After(TimeSpan.FromSeconds(3), TimeProvider.System))));
    }

    /// <summary>A server that leads nowhere, and a while later the right one.</summary>
    private static IEnumerable<byte[]> FirstAndRight(DhcpMessage request, int later)
    {
        byte[] nowhere = [10, 9, 0, 9];
        DhcpMessageType type = request.Type == DhcpMessageType.Discover ? DhcpMessageType.Offer : DhcpMessageType.Ack;
        byte[]? chosen = request.TryGet(DhcpOption.ServerIdentifier);
        if (chosen is null || chosen.AsSpan().SequenceEqual(nowhere))
        {
            DhcpMessage wrong = ScriptedDhcpServer.Reply(request, type, [new DhcpOption(DhcpOption.Router, nowhere)]);
            yield return (wrong with
            {
                YourAddress = 0x0A090033,
                Options = [wrong.Options[0], new DhcpOption(DhcpOption.ServerIdentifier, nowhere), wrong.Options[2], wrong.Options[3]],
            }).Encode();
        }

        if (chosen is null || !chosen.AsSpan().SequenceEqual(nowhere))
        {
            Thread.Sleep(type == DhcpMessageType.Offer ? later : 0);
            yield return ScriptedDhcpServer.Reply(
                request, type, [ScriptedDhcpServer.Router, new DhcpOption(DhcpOption.WireServer, [168, 63, 129, 16])]).Encode();
        }
    }

    private OwnNetwork? Ensure(double seconds = 10) => _machine.Do(() =>
    {
        Deadline deadline = Deadline.After(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        return NetworkSetup.Ensure(NetworkHost.With(deadline), new NetworkWishes(null), deadline);
    });
}
