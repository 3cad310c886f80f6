using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Azprovision.Native;
using Azprovision.Network;
using Azprovision.Run;
using Azprovision.Spec;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>
/// The network of our own against real and scripted DHCP servers: the machine and its network are two network namespaces,
/// joined by a veth pair. The code under test runs in this process, on a thread in the machine's namespace.
/// </summary>
public sealed class NetworkTests : IDisposable
{
    private const string AzureRoutes = "121,0.0.0.0/0,10.9.0.1,168.63.129.16/32,10.9.0.1,169.254.169.254/32,10.9.0.1";

    private readonly NetworkNamespace _machine;
    private readonly NetworkNamespace _network;
    private readonly ScriptedServer _platform;

    public NetworkTests()
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
    public void A_socket_that_cannot_be_set_up_is_closed()
    {
        const int Tries = 100;
        const ulong AcceptAll = 0xFFFFFFFF00000006;   // struct sock_filter: k, jf, jt, code
        int before = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        for (int i = 0; i < Tries; i++)
        {
            Assert.Throws<SyscallException>(() => Libc.OpenPacketSocket(int.MaxValue, [AcceptAll], "nothing"));
            Assert.Throws<SyscallException>(() => Libc.OpenRawSocket("nothing", [AcceptAll]));
        }

        Assert.InRange(Directory.GetFileSystemEntries("/proc/self/fd").Length, 0, before + (Tries / 2));
    }

    [Theory]
    [InlineData(AzureRoutes, "default via 10.9.0.1 dev eth0 proto 245 src 10.9.0.1")]
    [InlineData("249,0.0.0.0/0,10.9.0.1,168.63.129.16/32,10.9.0.1", "168.63.129.16 via 10.9.0.1 dev eth0 proto 245")]
    [InlineData("121,10.77.0.1/32,0.0.0.0,0.0.0.0/0,10.77.0.1", "default via 10.77.0.1 dev eth0 proto 245")]
    [InlineData("3,10.9.0.1", "default via 10.9.0.1 dev eth0 proto 245")]
    public void A_lease_of_dnsmasq_is_in_use_and_then_gone_without_a_trace(string option, string route)
    {
        using var dnsmasq = new Dnsmasq(
            _network, $"--dhcp-option-force={option}", "--dhcp-option-force=245,168.63.129.16", "--dhcp-option-force=26,1400");
        string before = _machine.State();

        OwnNetwork network = Ensure()!;

        Assert.Equal(0xA83F8110, network.Lease!.WireServer);
        Assert.Contains(route, _machine.Run("ip", "route"));
        Assert.Contains("metric 30245 onlink mtu 1400", _machine.Run("ip", "route"));
        _machine.Run("busybox", "ping", "-c", "1", "-W", "2", Dnsmasq.Address);
        network.Dispose();
        Assert.Equal(before, _machine.State());
    }

    [Theory]
    [InlineData("option ms-classless 0, 10,9,0,1, 32, 168,63,129,16, 10,9,0,1;", "168.63.129.16 via 10.9.0.1 dev eth0")]
    [InlineData("option classless 0, 0,0,0,0; option routers 10.9.0.9;", "default dev eth0")]
    [InlineData("option routers 10.9.0.1;", "default via 10.9.0.1 dev eth0")]
    public void A_lease_of_isc_dhcpd_is_in_use_and_then_gone_without_a_trace(string options, string route)
    {
        using var dhcpd = new Dhcpd(_network, options);
        string before = _machine.State();

        OwnNetwork network = Ensure()!;

        Assert.Equal(0xA83F8110, network.Lease!.WireServer);
        Assert.Contains(route, _machine.Run("ip", "route"));
        Assert.Contains("client-hostname \"vm-17\"", File.ReadAllText(dhcpd.LeaseFile));
        network.Dispose();
        Assert.Equal(before, _machine.State());
    }

    [Fact]
    public void A_kernel_without_packet_sockets_is_no_reason_to_wait()
    {
        using var root = new Tree();

        // The first three sockets are netlink's.
        Tool run = _machine.Try(
            "strace", "-f", "-qq", "-o", root.Path + ".trace", "-e", "inject=socket:error=EAFNOSUPPORT:when=4+",
            Repository.Binary, "--root", root.Path, "--only", "report", "--imds", "none", "--timeout", "60");

        File.Delete(root.Path + ".trace");
        Assert.Equal(20, run.ExitCode);
        Assert.Contains("up: packet socket 'eth0': Address family not supported by protocol", run.Errors);
    }

    [Fact]
    public void A_run_that_failed_for_want_of_a_network_says_so_once_there_is_one()
    {
        using var dnsmasq = new Dnsmasq(_network);
        using ScriptedServer platform = _network.Do(
            () => AzurePlatform.Healthy(new ScriptedServer(new IPEndPoint(IPAddress.Parse(Dnsmasq.Address), 8080))));
        using var root = new Tree();

        // The third socket is that of the first DHCP request.
        Tool run = _machine.Try(
            "strace", "-f", "-qq", "-o", root.Path + ".trace", "-e", "inject=socket:error=EAFNOSUPPORT:when=3",
            Repository.Binary, "--root", root.Path, "--only", "report", "--imds", "none", "--timeout", "60",
            "--wireserver", $"{Dnsmasq.Address}:8080");

        File.Delete(root.Path + ".trace");
        Assert.True(run.ExitCode == 20, run.Errors);
        Assert.Contains("reason=failure to obtain DHCP lease", Encoding.UTF8.GetString(platform.Requests[^1].Body));
    }

    [Fact]
    public void The_name_of_the_machine_is_in_the_dns_of_its_network()
    {
        using var dnsmasq = new Dnsmasq(_network);
        using OwnNetwork network = Ensure()!;
        Assert.Equal(Endpoint.TextOf(network.Lease!.Address), dnsmasq.Resolve("vm-17"));
    }

    [Fact]
    public void A_network_that_is_kept_stays_and_only_links_that_were_tried_go_back()
    {
        NetworkNamespace.Connect(_machine, "eth1", _network, "eth1");
        using var dnsmasq = new Dnsmasq(_network, "eth1", "10.9.0", []);
        Ensure(isKept: true)!.Dispose();

        Assert.Contains("default via 10.9.0.1 dev eth1", _machine.Run("ip", "route"));
        Assert.Contains(",UP,", _machine.Run("ip", "link", "show", "eth1"));
        Assert.DoesNotContain(",UP,", _machine.Run("ip", "link", "show", "eth0"));
    }

    [Fact]
    public void A_network_with_a_route_to_the_wire_server_is_left_alone()
    {
        _machine.Run("ip", "link", "set", "eth0", "up");
        _machine.Run("ip", "address", "add", "10.9.0.7/24", "dev", "eth0");
        _machine.Run("ip", "route", "add", "default", "via", "10.9.0.1");
        string before = _machine.State();
        Assert.Null(Ensure());
        Assert.Equal(before, _machine.State());
    }

    [Fact]
    public void What_was_configured_before_is_still_there_afterwards()
    {
        _machine.Run("ip", "link", "set", "eth0", "up");
        _machine.Run("ip", "address", "add", "10.55.0.7/24", "dev", "eth0");
        _machine.Run("ip", "route", "add", "10.66.0.0/16", "via", "10.55.0.1");
        using var dnsmasq = new Dnsmasq(_network, "--dhcp-option=121,10.66.0.0/16,10.9.0.1,0.0.0.0/0,10.9.0.1");
        string before = _machine.State();
        Ensure()!.Dispose();
        Assert.Equal(before, _machine.State());
    }

    [Fact]
    public void A_bridge_is_configured_and_its_ports_are_not()
    {
        _machine.Run("ip", "link", "add", "br0", "type", "bridge");
        _machine.Run("ip", "link", "set", "eth0", "master", "br0", "up");
        using var dnsmasq = new Dnsmasq(_network);
        using OwnNetwork network = Ensure()!;
        Assert.Contains("default via 10.9.0.1 dev br0", _machine.Run("ip", "route"));
    }

    [Fact]
    public async Task An_interface_that_comes_late_is_noticed_at_once()
    {
        _machine.Run("ip", "link", "delete", "eth0");
        Task<OwnNetwork?> ensuring = Task.Run(() => Ensure());
        await Task.Delay(300);
        Assert.False(ensuring.IsCompleted);
        NetworkNamespace.Connect(_machine, "eth0", _network, "eth0");
        using var dnsmasq = new Dnsmasq(_network);
        using OwnNetwork network = (await ensuring)!;
        Assert.NotNull(network.Lease);
    }

    [Fact]
    public async Task A_carrier_that_comes_late_is_noticed_at_once()
    {
        using var dnsmasq = new Dnsmasq(_network);
        _network.Run("ip", "link", "set", "eth0", "down");
        Task<OwnNetwork?> ensuring = Task.Run(() => Ensure());
        await Task.Delay(300);
        Assert.False(ensuring.IsCompleted);
        _network.Run("ip", "link", "set", "eth0", "up");
        using OwnNetwork network = (await ensuring)!;
        Assert.NotNull(network.Lease);
    }

    [Fact]
    public void Without_an_interface_that_is_what_is_said()
    {
        _machine.Run("ip", "link", "delete", "eth0");
        Assert.Equal("no network interface", Problem());
    }

    [Fact]
    public void Without_a_carrier_that_is_what_is_said()
    {
        _network.Run("ip", "link", "set", "eth0", "down");
        Assert.Equal("no network: eth0: no link (carrier)", Problem());
    }

    [Fact]
    public void Without_a_server_that_is_what_is_said() =>
        Assert.Equal("no network: eth0: no DHCP offer", Problem(2));

    [Fact]
    public void A_server_that_refuses_is_quoted()
    {
        using var server = new ScriptedDhcpServer(_network, (request, _) =>
            [request.Type == DhcpMessageType.Discover ? ScriptedDhcpServer.Offer(request) : ScriptedDhcpServer.Nak(request)]);
        Assert.Equal(
            "no network: eth0: the DHCP server refused 10.9.0.50 that it had offered, 'not yours' (NAK)", Problem(6));
    }

    [Fact]
    public void A_lease_without_a_way_to_the_platform_is_what_is_said()
    {
        using var dnsmasq = new Dnsmasq(_network, "--dhcp-option=3", "--dhcp-host=*:*:*:*:*:*,10.9.0.105");
        Assert.Equal(
            "no network: eth0: lease of 10.9.0.105/24 from 10.9.0.1 has no route to 168.63.129.16", Problem(6));
    }

    [Fact]
    public void Offers_that_are_forged_or_broken_are_passed_over()
    {
        using var server = new ScriptedDhcpServer(_network, (request, _) =>
        {
            DhcpMessageType type = request.Type == DhcpMessageType.Discover ? DhcpMessageType.Offer : DhcpMessageType.Ack;
            DhcpMessage evil = ScriptedDhcpServer.Reply(request, type, [ScriptedDhcpServer.Router]) with { YourAddress = 0x0A420001 };
            byte[] noCookie = evil.Encode();
            noCookie[236] = 0;
            return
            [
                [], [2], evil.Encode()[..200], evil.Encode()[..243], noCookie,
                (evil with { HardwareAddress = [2, 0, 0, 0, 0, 1] }).Encode(),
                (evil with { Op = DhcpMessage.BOOTREQUEST }).Encode(),
                (evil with { YourAddress = 0xE0000001 }).Encode(),
                (evil with { Options = [evil.Options[0], new DhcpOption(DhcpOption.SubnetMask, [255, 0, 255, 0])] }).Encode(),
                ScriptedDhcpServer.Right(request),
            ];
        });
        using OwnNetwork network = Ensure()!;
        Assert.Equal(ScriptedDhcpServer.Given, network.Lease!.Address);
    }

    [Fact]
    public void Answers_that_come_twice_are_taken_once()
    {
        using var server = new ScriptedDhcpServer(_network, (request, _) =>
            [ScriptedDhcpServer.Right(request), ScriptedDhcpServer.Right(request)]);
        using OwnNetwork network = Ensure()!;
        Assert.Equal(ScriptedDhcpServer.Given, network.Lease!.Address);
    }

    [Fact]
    public void Requests_that_are_lost_are_sent_again()
    {
        using var server = new ScriptedDhcpServer(_network, (request, count) =>
            count == 1 ? [] : [ScriptedDhcpServer.Right(request)]);
        using OwnNetwork network = Ensure()!;
        Assert.Equal(ScriptedDhcpServer.Given, network.Lease!.Address);
    }

    [Fact]
    public void An_offer_that_comes_after_the_question_was_repeated_is_taken()
    {
        using var server = new ScriptedDhcpServer(_network, (request, count) =>
        {
            Thread.Sleep(count == 1 ? 1600 : 0);
            return count == 1 ? [ScriptedDhcpServer.Right(request)] : [];
        });
        using OwnNetwork network = Ensure()!;
        Assert.Equal(ScriptedDhcpServer.Given, network.Lease!.Address);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_that_is_asked_to_end_puts_the_network_back_first(bool hasLease)
    {
        using var root = new Tree();
        using Dnsmasq? dnsmasq = hasLease ? new Dnsmasq(_network) : null;
        string before = _machine.State();
        string log = root.HostPath("log");
        Process run = _machine.Start(
            log, "unshare", "--uts", "--", Repository.Binary, "--root", root.Path, "--media", "none", "--timeout", "30");
        string show = hasLease ? "route" : "link";
        string sign = hasLease ? "default via 10.9.0.1" : "MULTICAST,UP";
        while (!_machine.Run("ip", show).Contains(sign, StringComparison.Ordinal))
        {
            Assert.False(run.HasExited, log);
            Thread.Sleep(20);
        }

        Tool.Run("kill", "-TERM", $"{run.Id}");
        run.WaitForExit();

        Assert.Equal(128 + 15, run.ExitCode);   // it died of the signal
        Assert.Equal(before, _machine.State());
        Assert.Contains("asked to end by a signal", File.ReadAllText(log));
    }

    [Theory]
    [InlineData("set down and up")]
    [InlineData("renamed")]
    [InlineData("replaced")]
    [InlineData("lease over")]
    public void A_network_of_our_own_that_is_lost_while_the_platform_is_busy_is_made_again(string how)
    {
        using var root = new Tree();
        using IDisposable server = how == "lease over" ? BriefLeases() : new Dnsmasq(_network);
        using Dnsmasq? another = how == "replaced" ? Another() : null;
        AzurePlatform.Play(_platform, "goalstate=503");
        string log = root.HostPath("log");
        Process run = _machine.Start(
            log, "unshare", "--uts", "--", Repository.Binary, "--root", root.Path, "--only", "report", "--imds", "none",
            "--timeout", "90");
        Await(run, log, "answered 503");
        string[] changes = how switch
        {
            "set down and up" => ["link set eth0 down", "link set eth0 up"],
            "renamed" => ["link set eth0 down", "link set eth0 name lan0", "link set lan0 up"],
            "replaced" => ["link delete eth0"],
            _ => [],
        };
        foreach (string change in changes)
        {
            _machine.Run(["ip", .. change.Split(' ')]);
        }

        Await(run, log, "looking again");
        AzurePlatform.Healthy(_platform);
        run.WaitForExit();

        Assert.True(run.ExitCode == 0, File.ReadAllText(log));
        Assert.DoesNotContain("10.9.", _machine.Run("ip", "address") + _machine.Run("ip", "route", "show", "table", "all"));

        ScriptedDhcpServer BriefLeases()
        {
            var seconds = new DhcpOption(DhcpOption.LeaseTime, [0, 0, 0, 3]);
            _network.Run("ip", "address", "add", $"{Dnsmasq.Address}/24", "dev", "eth0");
            return new ScriptedDhcpServer(_network, (request, _) =>
            [
                request.Type == DhcpMessageType.Discover
                    ? ScriptedDhcpServer.Offer(request, ScriptedDhcpServer.Router, seconds)
                    : ScriptedDhcpServer.Ack(request, ScriptedDhcpServer.Router, seconds),
            ]);
        }

        Dnsmasq Another()
        {
            NetworkNamespace.Connect(_machine, "eth1", _network, "eth1");
            return new Dnsmasq(_network, "eth1", "10.9.1", []);
        }
    }

    private static void Await(Process run, string log, string words)
    {
        while (!File.Exists(log) || !File.ReadAllText(log).Contains(words, StringComparison.Ordinal))
        {
            Assert.False(run.HasExited, File.Exists(log) ? File.ReadAllText(log) : log);
            Thread.Sleep(20);
        }
    }

    private OwnNetwork? Ensure(double seconds = 10, bool isKept = false) => _machine.Do(() =>
    {
        Deadline deadline = Deadline.After(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        var wishes = new NetworkWishes(HostName.Parse("vm-17"), isKept);
        return NetworkSetup.Ensure(NetworkHost.With(deadline), wishes, deadline);
    });

    private string Problem(double seconds = 0.6)
    {
        string before = _machine.State();
        ProvisioningException problem = Assert.Throws<ProvisioningException>(() => Ensure(seconds));
        Assert.Equal(Failure.Network, problem.Failure);
        Assert.Equal(before, _machine.State());
        return problem.Message;
    }
}
