using System;
using System.Text;
using Azprovision.Accounts;
using Xunit;

namespace Azprovision.Tests.Unit.Accounts;

public class SubordinateIdsTests
{
    private static readonly SubordinateRange s_range = new(100000, 600100000, 65536);

    [Theory]
    [InlineData("", "linus:100000:65536\n")]
    [InlineData("a:100000:65536\n", "a:100000:65536\nlinus:165536:65536\n")]
    [InlineData("b:165536:65536\na:100000:65536", "b:165536:65536\na:100000:65536\nlinus:231072:65536\n")]
    [InlineData("b:165536:65536\n", "b:165536:65536\nlinus:100000:65536\n")]
    [InlineData("b:165535:1\n", "b:165535:1\nlinus:165536:65536\n")]
    [InlineData("b:1000:4294967295\n", "b:1000:4294967295\n")]
    [InlineData("linus:5:5\n", "linus:5:5\n")]
    [InlineData("junk\n::\nb:x:y\n", "junk\n::\nb:x:y\nlinus:100000:65536\n")]
    public void A_user_gets_the_lowest_free_range_once(string before, string after)
    {
        var file = new SubordinateIds(Encoding.Latin1.GetBytes(before));
        Assert.Equal(after.Contains("linus", StringComparison.Ordinal), file.TryAdd("linus", s_range));
        Assert.Equal(after, Encoding.Latin1.GetString(file.ToBytes()));
    }

    [Fact]
    public void A_count_of_zero_means_no_range_at_all()
    {
        var file = new SubordinateIds("a:100000:65536\n"u8);
        Assert.True(file.TryAdd("linus", s_range with { Count = 0 }));
        Assert.Equal("a:100000:65536\n"u8.ToArray(), file.ToBytes());
    }
}
