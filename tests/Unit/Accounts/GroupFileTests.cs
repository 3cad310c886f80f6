using System.Text;
using Azprovision.Accounts;
using Xunit;

namespace Azprovision.Tests.Unit.Accounts;

public class GroupFileTests
{
    [Theory]
    [InlineData("sudo:x:27:\n", "sudo:x:27:linus\n")]
    [InlineData("sudo:x:27:a,b\r\nc", "sudo:x:27:a,b,linus\r\nc")]
    [InlineData("sudo:x:27:a,linus,b", "sudo:x:27:a,linus,b")]
    [InlineData("sudo:x:27:linus2\n", "sudo:x:27:linus2,linus\n")]
    [InlineData("sudo:x:27\n", "sudo:x:27:linus\n")]
    [InlineData("sudo:x\nsudo:x:no:\nsudo:x:27:\n", "sudo:x\nsudo:x:no:\nsudo:x:27:linus\n")]
    [InlineData("wheel:x:10:\n", "wheel:x:10:\n")]
    public void A_member_is_added_once_to_the_group_that_is_there(string before, string after)
    {
        var file = GroupFile.Parse(Encoding.Latin1.GetBytes(before));
        file.AddMember("sudo", "linus");
        Assert.Equal(after, Encoding.Latin1.GetString(file.ToBytes()));
    }

    [Fact]
    public void In_gshadow_the_members_are_not_the_administrators()
    {
        var file = GroupFile.ParseShadow("sudo:*:linus:a\n"u8);
        file.AddMember("sudo", "linus");
        file.Add("linus", 1000);
        Assert.Equal("sudo:*:linus:a,linus\nlinus:!::\n"u8.ToArray(), file.ToBytes());
    }

    [Fact]
    public void A_new_group_is_empty_and_has_its_id()
    {
        var file = GroupFile.Parse("root:x:0:\n+:::\n"u8);
        file.Add("linus", 1000);
        Assert.Equal("root:x:0:\nlinus:x:1000:\n+:::\n"u8.ToArray(), file.ToBytes());
        Assert.Equal(1000u, file.GidOf("linus"));
    }
}
