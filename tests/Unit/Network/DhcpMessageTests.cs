using System;
using System.IO;
using System.Linq;
using Azprovision.Network;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Network;

public class DhcpMessageTests
{
    private const string Cookie = "63825363";
    private const string Mac = "000d3a123456";

    // Captured: dnsmasq 2.90 with options 249 and 245, and BusyBox udhcpc 1.35.
    internal const string DnsmasqOffer =
        "02010600dc0adc7b00000000000000000a0000050a00000100000000" + Mac + "00000000000000000000" + Zeros192 + Cookie
        + "35010236040a000001330400000e103a04000007083b0400000c4e0104ffffff001c040a0000ff03040a00000106040a0000011a020578"
        + "f917000a00000120a83f81100a00000120a9fea9fe0a000001f504a83f8110ff";

    internal const string UdhcpcDiscover =
        "01010600dc0adc7b0000000000000000000000000000000000000000" + Mac + "00000000000000000000" + Zeros192 + Cookie
        + "3501013902024037090103060c0f1c2a79f93c0c756468637020312e33352e303d0701000d3a123456ff000000000000000000000000000000000000";

    private const string Zeros64 = Zeros16 + Zeros16 + Zeros16 + Zeros16;
    private const string Zeros192 = Zeros64 + Zeros64 + Zeros64;
    private const string Zeros16 = "00000000000000000000000000000000";

    /// <summary>DISCOVER with the broadcast flag, as the Azure Linux Agent sends it.</summary>
    private const string AgentDiscover =
        "01010600f4d50aef0000800000000000000000000000000000000000" + Mac + "00000000000000000000" + Zeros192 + Cookie
        + "350101ff";

    [Fact]
    public void The_agents_discover_is_read_and_written()
    {
        byte[] bytes = NetlinkMessageTests.Bytes(AgentDiscover);
        Assert.Equal(244, bytes.Length);
        DhcpMessage message = DhcpMessage.Parse(bytes);
        Assert.Equal((0xF4D50AEF, true, DhcpMessageType.Discover), (message.Xid, message.Broadcast, message.Type));
        Assert.Equal(Mac, Convert.ToHexStringLower(message.HardwareAddress));
        Assert.Equal([.. bytes, .. new byte[300 - 244]], message.Encode());
    }

    [Theory]
    [InlineData(DnsmasqOffer)]
    [InlineData(UdhcpcDiscover)]
    public void What_others_sent_is_read_and_written_again(string hex)
    {
        byte[] bytes = NetlinkMessageTests.Bytes(hex);
        byte[] again = DhcpMessage.Parse(bytes).Encode();
        bytes.AsSpan(20, 4).Clear();   // siaddr, which a client does not need
        Assert.Equal(bytes, again);
    }

    [Fact]
    public void The_fields_of_an_offer_are_read()
    {
        DhcpMessage offer = DhcpMessage.Parse(NetlinkMessageTests.Bytes(DnsmasqOffer));
        Assert.Equal((DhcpMessage.BOOTREPLY, DhcpMessageType.Offer), (offer.Op, offer.Type));
        Assert.Equal(0x0A000005u, offer.YourAddress);
        Assert.Equal(0x0A000001u, offer.TryGetAddress(DhcpOption.ServerIdentifier));
        Assert.Null(offer.TryGet(DhcpOption.HostName));
    }

    [Fact]
    public void Pads_are_skipped_and_the_end_may_be_missing() => Assert.Equal(
        DhcpMessageType.Offer, Parse("0000003501020000" + "00").Type);

    [Fact]
    public void Options_go_on_in_file_and_sname_where_option_52_says_so()
    {
        DhcpMessage message = Parse("340103" + "3501020c0161ff", sname: "0c0163ff", file: "0c0162" + "ff");
        Assert.Equal("abc"u8.ToArray(), message.TryGet(DhcpOption.HostName));
    }

    [Fact]
    public void Without_option_52_file_and_sname_are_left_alone() =>
        Assert.Null(Parse("350102ff", sname: "0c0163ff", file: "0c0162ff").TryGet(DhcpOption.HostName));

    [Fact]
    public void The_parts_of_a_long_option_are_joined_and_made_again()
    {
        byte[] routes = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];
        var message = new DhcpMessage(1, 7, new byte[6], [new DhcpOption(DhcpOption.ClasslessRoutes, routes)]);
        byte[] bytes = message.Encode();
        Assert.Equal([121, 255, 0], bytes[240..243]);
        Assert.Equal([121, 45, 255], bytes[497..500]);
        Assert.Equal(routes, DhcpMessage.Parse(bytes).TryGet(DhcpOption.ClasslessRoutes));
    }

    [Theory]
    [InlineData("35", "1 bytes are needed")]
    [InlineData("3502ff", "2 bytes are needed")]
    [InlineData("340101", "1 bytes are needed", "3501")]
    public void An_option_that_is_cut_is_refused(string options, string message, string? file = null)
    {
        // The file field is cut by its own end, not by a length.
        string full = file is null ? "" : file + new string('0', 256 - file.Length - 2) + "35";
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Parse(options, file: full)).Message);
    }

    [Fact]
    public void A_message_without_the_cookie_is_refused()
    {
        byte[] bytes = NetlinkMessageTests.Bytes(AgentDiscover);
        bytes[239] = 0;
        Assert.Equal("DHCP message with cookie 63825300", Assert.Throws<InvalidDataException>(() => DhcpMessage.Parse(bytes)).Message);
    }

    [Fact]
    public void A_message_for_other_hardware_is_refused()
    {
        byte[] bytes = NetlinkMessageTests.Bytes(AgentDiscover);
        bytes[2] = 16;
        Assert.Throws<InvalidDataException>(() => DhcpMessage.Parse(bytes));
    }

    [Fact]
    public void A_message_that_is_cut_in_its_fields_is_refused() => Assert.All(
        Enumerable.Range(0, 240),
        length => Assert.Throws<InvalidDataException>(
            () => DhcpMessage.Parse(NetlinkMessageTests.Bytes(AgentDiscover).AsSpan(0, length))));

    [Fact]
    public void Fuzzed_messages_are_read_or_refused() => Fuzz.Run(
        [
            NetlinkMessageTests.Bytes(DnsmasqOffer),
            Message("340103" + "3501027904" + "200a0000" + "ff", "790700000000000000ff", "79010a3604000000ff"),
        ],
        bytes =>
        {
            try
            {
                DhcpMessage message = DhcpMessage.Parse(bytes);
                _ = message.Encode();
                _ = Lease.From(message);
            }
            catch (InvalidDataException)
            {
            }
        });

    [Theory]
    [InlineData("", 0xF4D50AEFu, true)]
    [InlineData("other client", 0u, false)]
    [InlineData("request", 0u, false)]
    [InlineData("short", 0u, false)]
    public void A_reply_is_told_from_other_messages_before_it_is_parsed(string how, uint xid, bool isReply)
    {
        byte[] client = [0, 0x0d, 0x3a, 1, 2, 3];
        byte op = how == "request" ? DhcpMessage.BOOTREQUEST : DhcpMessage.BOOTREPLY;
        byte[] bytes = new DhcpMessage(op, 0xF4D50AEF, client, []).Encode();
        byte[] asking = how == "other client" ? [0, 0x0d, 0x3a, 1, 2, 4] : client;
        Assert.Equal(isReply, DhcpMessage.IsReplyTo(asking, bytes.AsSpan(0, how == "short" ? 239 : bytes.Length), out uint found));
        Assert.Equal(xid, found);
    }

    internal static DhcpMessage Parse(string options, string sname = "", string file = "") =>
        DhcpMessage.Parse(Message(options, sname, file));

    private static byte[] Message(string options, string sname, string file) => NetlinkMessageTests.Bytes(
        "02010600dc0adc7b00000000000000000a0000050a00000100000000" + Mac + "00000000000000000000"
        + sname.PadRight(128, '0') + file.PadRight(256, '0') + Cookie + options);
}
