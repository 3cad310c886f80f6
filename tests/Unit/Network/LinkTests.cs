using System.IO;
using System.Linq;
using Azprovision.Network;
using Xunit;

namespace Azprovision.Tests.Unit.Network;

public class LinkTests
{
    // Bodies of RTM_NEWLINK from a kernel (6.18), without the attributes that are not read.
    internal const string Veth =
        "00000100030000004310010000000000" + "0900030065746830 00000000" + "0500100006000000" + "0800040078050000"
        + "0500210001000000" + "0a000100000d3a1234560000" + "1000120009000100 7665746800000000";

    internal const string Slave =
        "00000100020000004310010000000000" + "0a0003007065657230000000" + "0500100006000000" + "08000400dc050000"
        + "08000a0004000000" + "0500210001000000" + "0a00010016adb4bbe27d0000"
        + "28001200" + "0900010076657468 00000000" + "0b00040062726964 67650000" + "0c00050005000100 03000000";

    private const string Loopback =
        "00000403010000000800000000000000" + "070003006c6f0000" + "0500100002000000" + "0800040000000100"
        + "0500210001000000" + "0a0001000000000000000000";

    [Fact]
    public void A_veth_link_of_the_kernel_is_read()
    {
        Link link = Parse(Veth);
        Assert.Equal((3, "eth0", 1400u, "veth"), (link.Index, link.Name, link.Mtu, link.Kind));
        Assert.Equal([0x00, 0x0d, 0x3a, 0x12, 0x34, 0x56], link.HardwareAddress);
        Assert.True(link is { IsEthernet: true, IsUp: true, HasCarrier: true, IsSlave: false });
    }

    [Fact]
    public void A_port_of_a_bridge_is_a_slave()
    {
        Link link = Parse(Slave);
        Assert.Equal(("peer0", 4u, "veth"), (link.Name, link.Master, link.Kind));
        Assert.True(link.IsSlave);
    }

    [Fact]
    public void The_loopback_link_is_no_ethernet()
    {
        Link link = Parse(Loopback);
        Assert.Equal("lo", link.Name);
        Assert.True(link is { IsEthernet: false, IsUp: false, HasCarrier: false, Kind: null });
    }

    [Theory]
    [InlineData("00000100", "netlink link: 4 bytes are needed")]
    [InlineData("00000100030000004310010000000000" + "0300030065746830", "-1 bytes are needed")]
    [InlineData("00000100030000004310010000000000" + "0a00030065746830", "6 bytes are needed")]
    [InlineData("00000100030000004310010000000000" + "06000400dc050000", "netlink attribute 4 has 2 bytes, 4 are expected")]
    public void A_body_with_a_wrong_length_is_refused(string hex, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Parse(hex)).Message);

    // The other side are requests of ip(8), as strace(1) shows them.
    [Fact]
    public void A_link_is_set_up_with_the_same_bytes_as_ip_sends() =>
        Assert.Equal("00000000030000000100000001000000", Hex(Link.ChangeFlags(3, Link.IFF_UP, Link.IFF_UP)));

    [Fact]
    public void An_address_bears_its_lifetime_and_whose_it_is() => Assert.Equal(
        "0218000003000000" + "080002000a000004" + "14000600100e0000100e00000000000000000000" + "080004000a0000ff"
        + "05000b0010000000" + "080001000a000004",
        Hex(new InterfaceAddress(3, 0x0A000004, 24) { Protocol = 16 }.Encode(3600)));

    [Fact]
    public void A_host_address_has_no_broadcast_address() =>
        Assert.DoesNotContain("08000400", Hex(new InterfaceAddress(3, 0x0A000004, 32).Encode(3600)));

    // As Linux 6.1 lists them: "ip address add 10.9.9.9/32 dev x valid_lft 100 preferred_lft 100", and a link's own.
    [Theory]
    [InlineData(
        "0220000003000000" + "080001000a090909" + "080002000a090909" + "0600030078000000" + "08000800" + "00000000"
        + "14000600640000006400000077ac00005bad0000" + "05000b00f5000000", 0x0A090909u, 0xF5, 0u, 0xAD5Bu, false)]
    [InlineData(
        "0a4080fd03000000" + "14000100fe8000000000000050a1b2fffec3d4e5" + "14000600ffffffffffffffff77ac000077ac0000"
        + "0800080080000000" + "05000b0003000000", 0u, 3, 0x80u, 0xAC77u, true)]
    public void An_address_is_read(string hex, uint address, byte protocol, uint flags, uint changed, bool isLinkLocal)
    {
        InterfaceAddress read = InterfaceAddress.Parse(NetlinkMessageTests.Bytes(hex));
        Assert.Equal(
            new InterfaceAddress(3, address, read.PrefixLength)
            {
                Protocol = protocol,
                Flags = flags,
                Changed = changed,
                IsLinkLocal = isLinkLocal,
            },
            read);
    }

    [Fact]
    public void A_route_is_added_with_the_protocol_number_of_this_program_and_behind_all_others() => Assert.Equal(
        "02200000fef5000104000000" + "08000100a83f8110" + "0800060025760000" + "080005000a010001" + "080007000a000004"
        + "0c000800" + "0800020078050000" + "0800040003000000",
        Hex(new Route(new Ipv4Prefix(0xA83F8110, 32), 0x0A010001, 3, 0x0A000004)
        {
            GatewayIsOnLink = true,
            Metric = Route.LastMetric,
            Mtu = 1400,
        }.Encode()));

    [Fact]
    public void A_route_on_the_link_has_its_scope_and_no_gateway() => Assert.Equal(
        "02200000fe10fd0100000000" + "080001000a010001" + "0800060000000000" + "0800040003000000",
        Hex(new Route(new Ipv4Prefix(0x0A010001, 32), null, 3, null) { Protocol = Route.RTPROT_DHCP }.Encode()));

    [Fact]
    public void The_route_that_the_kernel_would_take_is_read()
    {
        Route route = Route.Parse(NetlinkMessageTests.Bytes(
            "02200000fe00000100020000" + "08000f00fe000000" + "08000100a83f8110" + "0800040003000000" + "080007000a000004"
            + "080005000a000001" + "0800190000000000"));
        Assert.Equal(
            new Route(new Ipv4Prefix(0xA83F8110, 32), Gateway: 0x0A000001, Link: 3, Source: 0x0A000004) { Protocol = 0 },
            route);
    }

    private static Link Parse(string hex) => Link.Parse(NetlinkMessageTests.Bytes(hex));

    private static string Hex(byte[] bytes) => string.Concat(bytes.Select(b => b.ToString("x2", null)));
}
