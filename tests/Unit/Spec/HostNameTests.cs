using System.IO;
using Azprovision.Spec;
using Xunit;

namespace Azprovision.Tests.Unit.Spec;

public class HostNameTests
{
    [Theory]
    [InlineData("heron")]
    [InlineData("kestrel-01")]
    [InlineData("a.b.c")]
    [InlineData("1")]
    [InlineData("a123456789b123456789c123456789d123456789e123456789f123456789abc")]
    [InlineData("a123456789b123456789c123456789d123456789e123456789f123456789abcd")]
    [InlineData("web_01.lab")]
    [InlineData("_")]
    [InlineData("007")]
    [InlineData("Web-01.Lab")]
    public void A_name_of_labels_is_kept_as_it_is(string text) => Assert.Equal(text, HostName.Parse(text).Text);

    [Theory]
    [InlineData("", "has 0 characters")]
    [InlineData("a123456789b123456789c123456789d123456789e123456789f123456789abcde", "has 65 characters")]
    [InlineData("a..b", "has a label of 0 characters")]
    [InlineData(".a", "has a label of 0 characters")]
    [InlineData("-a", "begins or ends with a hyphen")]
    [InlineData("a-.b", "begins or ends with a hyphen")]
    [InlineData("a/b", "contains '/'")]
    [InlineData("a b", "contains ' '")]
    [InlineData("a\n", "host name 'a\\x0a' contains '\\x0a'")]
    [InlineData("héron", "contains 'é'")]
    public void Anything_else_is_refused_by_name(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => HostName.Parse(text)).Message);
}
