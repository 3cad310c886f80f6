using System;
using Azprovision.Io;
using Azprovision.Network;
using Azprovision.Spec;
using Azprovision.Tests.Live.Support;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>
/// The network of our own against real DHCP servers: the machine and its network are two network namespaces, joined by a veth
/// pair. The code under test runs in this process, on a thread in the machine's namespace.
/// </summary>
public sealed class NetworkTests : IDisposable
{
    private const string AzureRoutes = "121,0.0.0.0/0,10.9.0.1,168.63.129.16/32,10.9.0.1,169.254.169.254/32,10.9.0.1";

    private static readonly HostName s_name = HostName.Parse("vm-17");
    private readonly NetworkNamespace _machine;
    private readonly NetworkNamespace _network;

    public NetworkTests() => (_machine, _network) = NetworkNamespace.Pair();

    public void Dispose()
    {
        _machine.Dispose();
        _network.Dispose();
    }

    [Theory]
    [InlineData("--dhcp-option=" + AzureRoutes, "default via 10.9.0.1 dev eth0 proto dhcp src 10.9.0.")]
    [InlineData("--dhcp-option=249,0.0.0.0/0,10.9.0.1,168.63.129.16/32,10.9.0.1", "168.63.129.16 via 10.9.0.1 dev eth0 proto dhcp")]
    [InlineData("--dhcp-option=121,10.77.0.1/32,0.0.0.0,0.0.0.0/0,10.77.0.1", "default via 10.77.0.1 dev eth0 proto dhcp")]
    [InlineData("--dhcp-option=3,10.9.0.1", "default via 10.9.0.1 dev eth0 proto dhcp")]
    public void Address_and_routes_of_the_lease_are_in_place_and_gone_again(string option, string route)
    {
        using var dnsmasq = new Dnsmasq(_network, option, "--dhcp-option-force=245,168.63.129.16", "--dhcp-option-force=26,1400");
        string before = _machine.State();

        OwnNetwork network = Ensure()!;

        Assert.Equal(0xA83F8110, network.Lease!.WireServer);
        Assert.Contains(route, _machine.Run("ip", "route"));
        Assert.Contains("mtu 1400", _machine.Run("ip", "link"));
        Assert.Contains("1 received", _machine.Run("busybox", "ping", "-c", "1", Dnsmasq.Address).Replace("packets ", ""));
        Assert.NotEqual(before, _machine.State());
        network.Dispose();
        Assert.Equal(before, _machine.State());
    }

    [Fact]
    public void The_name_of_the_machine_is_in_the_dns_of_its_network()
    {
        using var dnsmasq = new Dnsmasq(_network);
        using OwnNetwork network = Ensure()!;
        Assert.Equal(Endpoint.TextOf(network.Lease!.Address), dnsmasq.Resolve("vm-17"));
    }

    private OwnNetwork? Ensure(double seconds = 10) => _machine.Do(() =>
    {
        Deadline deadline = Deadline.After(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        return NetworkSetup.Ensure(NewHost(deadline), s_name, deadline);
    });

    private static Host NewHost(Deadline deadline) => new(
        SystemRoot.Open("/"),
        SystemRoot.Open("/"),
        "/dev",
        new Endpoint(0xA83F8110, 80),
        TimeProvider.System,
        deadline,
        new Log(TimeProvider.System) { Most = LogLevel.Debug });
}
