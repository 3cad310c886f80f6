using System;
using System.IO;
using Azprovision.Network;
using Xunit;

namespace Azprovision.Tests.Unit.Network;

public class NameQueryTests
{
    [Theory]
    [InlineData("a.bc", "00A2010000010000000000000161026263000001" + "0001")]
    [InlineData("a.", "00A2010000010000000000000161000001" + "0001")]
    public void A_query_asks_for_the_addresses_of_a_name(string name, string hex) =>
        Assert.Equal(hex, Convert.ToHexString(NameQuery.Encode(name)));

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123")]
    public void What_can_be_no_name_is_not_asked_for(string name) =>
        Assert.Throws<InvalidDataException>(() => NameQuery.Encode(name));

    [Theory]
    [InlineData("00A28180000100010000000001", true)]
    [InlineData("00A28180000100000000000001", false)]   // the name is known, an address is not
    [InlineData("00A28183000100000000000001", false)]   // NXDOMAIN
    [InlineData("00A38180000100010000000001", null)]    // the answer to another query
    [InlineData("00A20180000100010000000001", null)]    // a query
    [InlineData("00A2818000010001", null)]
    public void An_answer_has_an_address_or_not(string hex, bool? found) =>
        Assert.Equal(found, NameQuery.Parse(Convert.FromHexString(hex)));

    [Fact]
    public void A_server_that_refuses_says_so() =>
        Assert.Throws<IOException>(() => NameQuery.Parse(Convert.FromHexString("00A281850001000000000000")));
}
