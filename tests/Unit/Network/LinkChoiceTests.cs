using System.Linq;
using Azprovision.Network;
using Xunit;

namespace Azprovision.Tests.Unit.Network;

public class LinkChoiceTests
{
    private const uint Carrier = Link.IFF_UP | Link.IFF_RUNNING | Link.IFF_LOWER_UP;
    private const uint IFF_SLAVE = 0x800;

    private static readonly byte[] s_mac = [0, 0x0d, 0x3a, 1, 2, 3];

    [Fact]
    public void The_synthetic_link_is_taken_and_its_twin_is_not()
    {
        Link twin = Nic(2, "enP1s1", "mlx5_core", Carrier);
        Assert.Equal("eth0", Candidates(twin, Nic(3, "eth0", "hv_netvsc")));
        Assert.Equal("eth0", Candidates(twin with { Flags = Carrier | IFF_SLAVE, Master = 3 }, Nic(3, "eth0", "hv_netvsc")));
    }

    [Fact]
    public void A_slave_is_left_out_whoever_its_master_is() =>
        Assert.Equal("bond0", Candidates(
            Nic(2, "eth0", "virtio_net", Carrier) with { Master = 4 },
            Nic(3, "eth1", "virtio_net", Carrier | IFF_SLAVE),
            Nic(4, "bond0", "bonding", Carrier) with { Kind = "bond" }));

    [Fact]
    public void Carrier_comes_before_driver_and_driver_before_number()
    {
        Assert.Equal("b a", Candidates(Nic(2, "a", "hv_netvsc", last: 1), Nic(3, "b", "e1000", Carrier, last: 2)));
        Assert.Equal("b a", Candidates(Nic(2, "a", "e1000", Carrier, last: 1), Nic(3, "b", "hv_netvsc", Carrier, last: 2)));
        Assert.Equal("a b", Candidates(Nic(3, "b", "e1000", Carrier, last: 2), Nic(2, "a", "e1000", Carrier, last: 1)));
    }

    [Fact]
    public void Links_that_software_made_and_lone_virtual_functions_come_last() => Assert.Equal("eth1 br0 vf", Candidates(
        Nic(1, "br0", "bridge", Carrier, last: 1) with { Kind = "bridge" },
        Nic(2, "vf", "mlx4_en", last: 2),
        Nic(3, "eth1", null, last: 3)));

    [Fact]
    public void What_is_no_ethernet_is_left_out() => Assert.Equal("", Candidates(
        Nic(1, "lo", null, Carrier) with { Type = 772 },
        Nic(2, "ib0", "mlx5_core", Carrier) with { Type = 32 },
        Nic(3, "wpan0", null, Carrier) with { HardwareAddress = new byte[8] }));

    private static Link Nic(int index, string name, string? driver, uint flags = 0, byte? last = null) =>
        new(index, 1, flags, name, last is { } b ? [.. s_mac[..5], b] : s_mac, 1500, null, null) { Driver = driver };

    private static string Candidates(params Link[] links) =>
        string.Join(' ', LinkChoice.Candidates(links).Select(link => link.Name));
}
