using System.Text;
using Azprovision.Accounts;
using Xunit;

namespace Azprovision.Tests.Unit.Accounts;

public class ShadowFileTests
{
    private static readonly PasswordAging s_aging = new("0", "99999", "7");

    [Theory]
    [InlineData("root:*:1::::::\n", "root:*:1::::::\nlinus:H:19000:0:99999:7:::\n")]
    [InlineData("root:*:1::::::", "root:*:1::::::\nlinus:H:19000:0:99999:7:::\n")]
    [InlineData("linus:!:1:2:3:4:5:6:7\nb", "linus:H:19000:2:3:4:5:6:7\nb")]
    [InlineData("linus:!\r\n", "linus:H:19000::::::\r\n")]
    [InlineData("linus\nlinus2:!:\n", "linus\nlinus2:!:\nlinus:H:19000:0:99999:7:::\n")]
    [InlineData("linus:!::::::::ten\n", "linus:H:19000:::::::ten\n")]
    [InlineData("+\n", "linus:H:19000:0:99999:7:::\n+\n")]
    public void A_password_goes_into_the_users_line_or_a_new_one(string before, string after)
    {
        var file = new ShadowFile(Encoding.Latin1.GetBytes(before));
        file.SetPassword("linus", "H", 19000, s_aging);
        Assert.Equal(after, Encoding.Latin1.GetString(file.ToBytes()));
        Assert.Equal("H", file.PasswordOf("linus"));
    }

    [Theory]
    [InlineData("", "linus:*:19000::::::\n")]
    [InlineData("linus:!:1:0:90:7:30:99999:x\n", "linus:*:19000:::::99999:x\n")]
    [InlineData("linus:*:1:0:90:7:30::\n", "linus:*:19000::::::\n")]
    [InlineData("linus:*:0::::::\n", "linus:*:19000::::::\n")]   // "must be changed now"
    [InlineData("linus:*:1::::::\n", "linus:*:1::::::\n")]
    [InlineData("linus:*\n", "linus:*\n")]
    public void What_does_not_age_has_no_fields_for_that(string before, string after)
    {
        var file = new ShadowFile(Encoding.Latin1.GetBytes(before));
        file.SetPassword("linus", "*", 19000, null);
        Assert.Equal(after, Encoding.Latin1.GetString(file.ToBytes()));
    }

    [Fact]
    public void An_unknown_day_is_left_empty()
    {
        var file = new ShadowFile("linus:!:1:0:9:7:::\n"u8);
        file.SetPassword("linus", "H", null, s_aging);
        Assert.Equal("linus:H::0:9:7:::\n"u8.ToArray(), file.ToBytes());
    }
}
