using System.IO;
using Azprovision.Spec;
using Xunit;

namespace Azprovision.Tests.Unit.Spec;

public class UserNameTests
{
    [Theory]
    [InlineData("ada")]
    [InlineData("_x")]
    [InlineData("1ada")]
    [InlineData("4.2-9")]
    [InlineData("Ada.Lovelace-1")]
    [InlineData("a1234567890123456789012345678901")]
    public void A_name_that_every_file_takes_is_kept(string text) => Assert.Equal(text, UserName.Parse(text).Text);

    [Theory]
    [InlineData("", "has 0 characters")]
    [InlineData("a12345678901234567890123456789012", "has 33 characters, 1 to 32 are allowed")]
    [InlineData("root", "user name 'root' is the system's own")]
    [InlineData("1", "user name '1' is all digits")]
    [InlineData("0042", "user name '0042' is all digits")]
    [InlineData("-ada", "begins with '-'")]
    [InlineData(".ada", "begins with '.'")]
    [InlineData("..", "begins with '.'")]
    [InlineData("a/b", "contains '/'")]
    [InlineData("a:b", "contains ':'")]
    [InlineData("a,b", "contains ','")]
    [InlineData("a b", "contains ' '")]
    [InlineData("ada$", "contains '$'")]
    [InlineData("a\nb", "user name 'a\\x0ab' contains '\\x0a'")]
    [InlineData("a\0b", "contains '\\x00'")]
    [InlineData("aда", "contains 'д'")]
    public void Anything_else_is_refused_by_name(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => UserName.Parse(text)).Message);
}
