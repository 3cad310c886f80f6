using System.Text;
using Azprovision.Accounts;
using Xunit;

namespace Azprovision.Tests.Unit.Accounts;

public class PasswdFileTests
{
    private static readonly PasswdEntry s_linus = new("linus", "x", 1000, 1001, "/home/linus", "/bin/sh");

    [Theory]
    [InlineData("", "linus:x:1000:1001::/home/linus:/bin/sh\n")]
    [InlineData("root:x:0:0::/root:/bin/sh\n", "root:x:0:0::/root:/bin/sh\nlinus:x:1000:1001::/home/linus:/bin/sh\n")]
    [InlineData("root:x:0:0::/root:/bin/sh", "root:x:0:0::/root:/bin/sh\nlinus:x:1000:1001::/home/linus:/bin/sh\n")]
    [InlineData("root:x:0:0\r\n\n# \xE9 \xFF\n:\n", "root:x:0:0\r\n\n# \xE9 \xFF\n:\nlinus:x:1000:1001::/home/linus:/bin/sh\n")]
    [InlineData("a\n+::::::\nb\n", "a\nlinus:x:1000:1001::/home/linus:/bin/sh\n+::::::\nb\n")]
    [InlineData("a\n-linus\n+", "a\nlinus:x:1000:1001::/home/linus:/bin/sh\n-linus\n+")]
    public void A_new_line_goes_to_the_end_but_before_NIS_and_all_others_stay(string before, string after)
    {
        var file = new PasswdFile(Encoding.Latin1.GetBytes(before));
        file.Add(s_linus);
        Assert.Equal(after, Encoding.Latin1.GetString(file.ToBytes()));
        Assert.Equal(s_linus, file.Find("linus"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("no newline")]
    [InlineData("crlf\r\n\r\n")]
    [InlineData("\0\x80\xFF:::\n\n")]
    public void Without_an_edit_the_bytes_are_the_same(string content)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(content);
        Assert.Equal(bytes, new PasswdFile(bytes).ToBytes());
    }

    [Theory]
    [InlineData("linus:x:1000:1000:::")]
    [InlineData("linux:x:1:1:::\nlinus:x:1000:1000:::\nlinus:x:2:2:::")]
    [InlineData("linus:x\nlinus:x:abc:1::/:\nlinus:x:-1:1::/:\nlinus:x:1000:1000:::")]
    public void The_first_sound_line_of_a_name_is_the_user(string content) =>
        Assert.Equal(1000u, new PasswdFile(Encoding.Latin1.GetBytes(content)).Find("linus")?.Uid);

    [Theory]
    [InlineData("")]
    [InlineData("linus")]
    [InlineData("linus:x:1000:1000::/home/linus")]
    [InlineData("linus:x:99999999999:1::/:")]
    [InlineData("linus2:x:1000:1000::/:\n+linus:::::/:\n")]
    public void Anything_else_is_not_the_user(string content) =>
        Assert.Null(new PasswdFile(Encoding.Latin1.GetBytes(content)).Find("linus"));

    [Fact]
    public void A_password_is_set_in_its_field_alone()
    {
        var file = new PasswdFile("a:x:1:1:::\nlinus:!:1000:1000:Li:/l:/bin/z\r\nb"u8);
        file.SetPassword("linus", "*");
        Assert.Equal("a:x:1:1:::\nlinus:*:1000:1000:Li:/l:/bin/z\r\nb"u8.ToArray(), file.ToBytes());
    }
}
