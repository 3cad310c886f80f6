using System;
using System.Linq;
using Azprovision.Network;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Network;

public class UdpPacketTests
{
    // Captured on a veth link: a DHCPOFFER of dnsmasq whose checksum (1566) is not finished, and udhcpc's DHCPDISCOVER.
    private static readonly byte[] s_offer = NetlinkMessageTests.Bytes(
        "45c00163764a00004011ee7a0a0000010a00000500430044014f1566" + DhcpMessageTests.DnsmasqOffer);

    private static readonly byte[] s_discover = NetlinkMessageTests.Bytes(
        "4500014800000000401179a600000000ffffffff0044004301342073" + DhcpMessageTests.UdhcpcDiscover);

    [Fact]
    public void A_packet_that_never_was_on_a_wire_is_taken_with_half_a_checksum() =>
        Assert.Equal(0x163 - 28, UdpPacket.PayloadOf(s_offer, 67, 68).Length);

    [Fact]
    public void A_packet_is_encoded_as_others_do()
    {
        byte[] payload = UdpPacket.PayloadOf(s_discover, 68, 67).ToArray();
        Assert.Equal(300, payload.Length);
        Assert.Equal(s_discover, UdpPacket.Encode(0, 68, 0xFFFFFFFF, 67, payload));
    }

    [Fact]
    public void A_packet_without_a_checksum_is_taken()
    {
        byte[] packet = [.. s_discover];
        packet[26] = packet[27] = 0;
        Assert.Equal(300, UdpPacket.PayloadOf(packet, 68, 67).Length);
    }

    [Fact]
    public void What_follows_the_packet_in_a_frame_is_not_part_of_it() =>
        Assert.Equal(300, UdpPacket.PayloadOf([.. s_discover, 1, 2, 3], 68, 67).Length);

    [Theory]
    [InlineData(0, 0x65, "version 6")]
    [InlineData(0, 0x44, "short header")]
    [InlineData(3, 0x49, "longer than it is")]
    [InlineData(6, 0x20, "fragment")]
    [InlineData(9, 0x06, "TCP")]
    [InlineData(12, 0x01, "header checksum")]
    [InlineData(21, 0x45, "other source port")]
    [InlineData(23, 0x44, "other destination port")]
    [InlineData(25, 0x35, "UDP length")]
    [InlineData(27, 0x74, "checksum")]
    [InlineData(200, 0x01, "payload")]
    public void A_damaged_packet_or_one_for_others_is_passed_over(int at, byte value, string what)
    {
        byte[] packet = [.. s_discover];
        packet[at] = value;
        Assert.True(UdpPacket.PayloadOf(packet, 68, 67).IsEmpty, what);
    }

    [Fact]
    public void Every_shorter_part_of_a_packet_is_passed_over() => Assert.All(
        Enumerable.Range(0, s_discover.Length), length => Assert.True(UdpPacket.PayloadOf(s_discover.AsSpan(0, length), 68, 67).IsEmpty));

    [Fact]
    public void Fuzzed_packets_are_read_or_passed_over() => Fuzz.Run(
        [s_offer, s_discover], bytes => UdpPacket.PayloadOf(bytes, 67, 68));
}
