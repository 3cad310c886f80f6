using System.IO;
using Azprovision.Network;
using Xunit;

namespace Azprovision.Tests.Unit.Network;

public class LeaseTests
{
    private const string Server = "36040a000001";

    [Fact]
    public void The_options_of_an_azure_offer_give_routes_and_wire_server()
    {
        Lease lease = From(
            "350102" + Server + "03040a000001" + "f504a83f8110" + "f917000a00000120a83f81100a00000120a9fea9fe0a000001" + "ff");
        Assert.Equal(
            ["0.0.0.0/0 via 10.0.0.1", "168.63.129.16/32 via 10.0.0.1", "169.254.169.254/32 via 10.0.0.1"], Texts(lease));
        Assert.Equal(0xA83F8110, lease.WireServer);
    }

    [Fact]
    public void An_offer_of_dnsmasq_is_a_lease()
    {
        Lease lease = Lease.From(DhcpMessage.Parse(NetlinkMessageTests.Bytes(DhcpMessageTests.DnsmasqOffer)));
        Assert.Equal((0x0A000005u, 24, 0x0A000001u, 1400u), (lease.Address, lease.PrefixLength, lease.Server, lease.Mtu));
    }

    [Theory]
    [InlineData("03080a0000010a000002", "0.0.0.0/0 via 10.0.0.1")]
    [InlineData("030400000000", "")]
    [InlineData("03040a000001" + "f905000a000002", "0.0.0.0/0 via 10.0.0.2")]
    [InlineData("03040a000001" + "f905000a000002" + "7906080a0a000003", "10.0.0.0/8 via 10.0.0.3")]
    [InlineData("7909200a01000100000000", "10.1.0.1/32")]
    [InlineData("79090d0aff0a000001" + "0d0a", "10.248.0.0/13 via 10.0.0.1")]
    [InlineData("79070d0aff0a000001", "10.248.0.0/13 via 10.0.0.1")]
    [InlineData("790a210a0000010a00000100" + "f905000a000002" + "03040a000001", "0.0.0.0/0 via 10.0.0.2")]
    [InlineData("7904000a0000" + "03040a000001", "0.0.0.0/0 via 10.0.0.1")]
    [InlineData("7900" + "f900" + "03040a000001", "0.0.0.0/0 via 10.0.0.1")]
    [InlineData("7904000a0000", "")]
    public void Routes_are_the_good_ones_of_option_121_else_249_else_3(string options, string routes) =>
        Assert.Equal(routes, string.Join(", ", Texts(From(Server + options + "ff"))));

    [Theory]
    [InlineData("0104ffffff80", 25)]
    [InlineData("010400000000", 0)]
    [InlineData("0104ffffffff", 32)]
    [InlineData("", 32)]
    public void The_mask_gives_the_prefix_length(string options, int length) =>
        Assert.Equal(length, From(Server + options + "ff").PrefixLength);

    [Theory]
    [InlineData("0104ff00ff00", "'255.0.255.0' is not a subnet mask")]
    [InlineData("0103ffffff", "DHCP option 1 has 3 bytes, 4 are expected")]
    public void A_mask_that_is_none_is_refused(string options, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidDataException>(() => From(Server + options + "ff")).Message);

    [Theory]
    [InlineData("1a02023f", null)]
    [InlineData("1a020240", 576u)]
    [InlineData("1a022328", 9000u)]
    [InlineData("1a0105", null)]
    public void An_mtu_that_no_network_has_is_not_used(string options, uint? mtu) =>
        Assert.Equal(mtu, From(Server + options + "ff").Mtu);

    [Fact]
    public void A_lease_without_its_server_is_refused() => Assert.Throws<InvalidDataException>(() => From("350102ff"));

    [Theory]
    [InlineData(0x00000000)]
    [InlineData(0x7F000001)]
    [InlineData(0xE0000001)]
    [InlineData(0xFFFFFFFF)]
    public void A_lease_of_an_address_that_no_machine_can_have_is_refused(uint address) => Assert.Throws<InvalidDataException>(
        () => Lease.From(DhcpMessageTests.Parse(Server + "ff") with { YourAddress = address }));

    [Fact]
    public void A_lease_leads_to_its_own_subnet_and_where_its_most_exact_routes_lead()
    {
        Lease lease = From(Server + "0104ffffff00" + "790f20a83f81100a000001" + "08a80a000002" + "ff");
        Assert.Equal((0x0A000000u, null), Way(0x0A000009));
        Assert.Equal((0xA83F8110, 0x0A000001u), Way(0xA83F8110));
        Assert.Equal((0xA8000000, 0x0A000002u), Way(0xA83F8111));
        Assert.Null(lease.TryFindRoute(0xA9FEA9FE));

        (uint, uint?) Way(uint to) => (lease.TryFindRoute(to)!.Destination.Address, lease.TryFindRoute(to)!.Gateway);
    }

    [Theory]
    [InlineData("03040a000001", false)]
    [InlineData("790900" + "0a000001" + "08a80a", false)]
    [InlineData("790920a83f81100a000001", true)]
    [InlineData("f90920a9fea9fe0a000001", true)]
    [InlineData("f504a83f8110", true)]
    [InlineData("f50400000000", false)]
    [InlineData("f5047f000001", false)]
    public void A_default_route_does_not_name_the_platform(string options, bool names) =>
        Assert.Equal(names, From(Server + options + "ff").NamesPlatform(0xA83F8110));

    [Theory]
    [InlineData("f5040a090001", 0x0A090001u)]
    [InlineData("f50400000000", null)]
    [InlineData("f5047f000001", null)]
    [InlineData("f504e0000001", null)]
    [InlineData("f504ffffffff", null)]
    [InlineData("f503a83f81", null)]
    [InlineData("f508a83f8110a83f8110", null)]
    public void A_wire_server_that_cannot_be_one_is_not_named(string options, uint? wireServer) =>
        Assert.Equal(wireServer, From(Server + options + "ff").WireServer);

    [Theory]
    [InlineData("330400000e10", 3600u)]
    [InlineData("3304ffffffff", uint.MaxValue)]
    [InlineData("330400000000", null)]
    [InlineData("33020e10", null)]
    [InlineData("", null)]
    public void A_lease_lasts_as_long_as_the_server_says(string options, uint? seconds) =>
        Assert.Equal(seconds, From(Server + options + "ff").Seconds);

    private static Lease From(string options) => Lease.From(DhcpMessageTests.Parse(options));

    private static string[] Texts(Lease lease)
    {
        string[] texts = new string[lease.Routes.Count];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = new Route(lease.Routes[i].Destination, lease.Routes[i].Gateway, 1, null).ToString();
        }

        return texts;
    }
}
