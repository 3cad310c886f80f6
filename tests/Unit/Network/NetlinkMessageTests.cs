using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Network;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Network;

public class NetlinkMessageTests
{
    /// <summary>RTM_NEWLINK: eth0 goes down (IFLA_IFNAME, IFLA_OPERSTATE).</summary>
    private const string LinkGoesDown =
        "34000000100000000000000000000000" + "00000100020000000310 0000ffffffff"
        + "090003006574683000000000" + "0500100002000000";

    // What a kernel (6.18) answered: a set-up of link 999 that there is not, and a route that there is.
    private const string NoSuchLink =
        "3400000002000000070000007a250000" + "edffffff" + "20000000100005000700000000000000" + "00000000e70300000100000001000000";

    private const string Acknowledged = "240000000200000107000000b0190000" + "00000000" + "20000000100005000700000000000000";

    [Fact]
    public void A_message_is_read_field_by_field()
    {
        NetlinkMessage message = Assert.Single(NetlinkMessage.ParseAll(Bytes(LinkGoesDown)));
        Assert.Equal((16, 0, 0u, 36), (message.Type, message.Flags, message.Sequence, message.Body.Length));
    }

    [Fact]
    public void Encoding_gives_the_bytes_that_were_read()
    {
        byte[] bytes = Bytes("2000000010000500e67d046b00000000" + "00000000030000000100000001000000");
        Assert.Equal(bytes, Assert.Single(NetlinkMessage.ParseAll(bytes)).Encode());
    }

    [Fact]
    public void A_datagram_may_hold_several_messages_with_padding_between_them()
    {
        List<NetlinkMessage> messages = NetlinkMessage.ParseAll(Bytes(
            "11000000100000000100000000000000" + "aa000000" + "10000000030002000200000000000000"));
        Assert.Equal([1u, 2u], messages.ConvertAll(message => message.Sequence));
        Assert.Equal([0xAA], messages[0].Body);
    }

    [Theory]
    [InlineData(NoSuchLink, 19)]
    [InlineData(Acknowledged, 0)]
    public void An_error_message_carries_the_errno(string hex, int errno)
    {
        NetlinkMessage message = Assert.Single(NetlinkMessage.ParseAll(Bytes(hex)));
        Assert.Equal(NetlinkMessage.NLMSG_ERROR, message.Type);
        Assert.Equal(errno, message.Errno());
    }

    [Theory]
    [InlineData("100000", "4 bytes are needed")]
    [InlineData("10000000030002000200000000", "4 bytes are needed")]
    [InlineData("0f000000030002000200000000000000", "-1 bytes are needed")]
    [InlineData("11000000030002000200000000000000", "1 bytes are needed")]
    [InlineData("ffffffff030002000200000000000000", "4294967279 bytes are needed")]
    public void A_length_that_cannot_be_is_refused(string hex, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => NetlinkMessage.ParseAll(Bytes(hex))).Message);

    [Fact]
    public void Fuzzed_datagrams_are_read_or_refused() => Fuzz.Run(
        [Bytes(LinkGoesDown), Bytes(NoSuchLink), Bytes(Acknowledged), Bytes(LinkTests.Slave)],
        bytes =>
        {
            try
            {
                foreach (NetlinkMessage message in NetlinkMessage.ParseAll(bytes))
                {
                    _ = Link.Parse(message.Body);
                    _ = Route.Parse(message.Body);
                    _ = message.Errno();
                }
            }
            catch (InvalidDataException)
            {
            }
        });

    internal static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
