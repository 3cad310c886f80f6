using System.Diagnostics;
using System.Text;
using Azprovision.Files;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Files;

public class PathPatternTests
{
    [Theory]
    [InlineData("/etc/shadow", "/etc/shadow", true)]
    [InlineData("/etc/shadow", "/etc/shadow-", false)]
    [InlineData("/etc/shadow", "/etc/shado", false)]
    [InlineData("/etc/shadow.*", "/etc/shadow-", true)]
    [InlineData(@"/etc/passwd\.adjunct.*", "/etc/passwd.adjunct", true)]
    [InlineData(@"/etc/passwd\.adjunct.*", "/etc/passwd-adjunct", false)]
    [InlineData("/home/[^/]+", "/home/grace", true)]
    [InlineData("/home/[^/]+", "/home/grace/.ssh", false)]
    [InlineData(@"/home/[^/]+/\.ssh(/.*)?", "/home/grace/.ssh", true)]
    [InlineData(@"/home/[^/]+/\.ssh(/.*)?", "/home/grace/.ssh/authorized_keys", true)]
    [InlineData(@"/home/[^/]+/\.ssh(/.*)?", "/home/grace/.sshd", false)]
    [InlineData("/home/[^/]+/((www)|(web)|(public_html))(/.+)?", "/home/grace/public_html/a", true)]
    [InlineData("/home/[^/]+/((www)|(web)|(public_html))(/.+)?", "/home/grace/webb", false)]
    [InlineData("/dev/(raw/)?raw[0-9]+", "/dev/raw/raw12", true)]
    [InlineData("/dev/(raw/)?raw[0-9]+", "/dev/raw", false)]
    [InlineData("/x[a-ep-z.]", "/xe", true)]
    [InlineData("/x[a-ep-z.]", "/x.", true)]
    [InlineData("/x[a-ep-z.]", "/xf", false)]
    [InlineData("/x[^/-]", "/x-", false)]
    [InlineData(@"/x[]\-]+", "/x]-", true)]
    [InlineData("/(a|ab)(c|bcd)(d*)", "/abcd", true)]
    [InlineData("/(a*)*b", "/aaab", true)]
    [InlineData("/(a*)*b", "/aaac", false)]
    [InlineData("/(|a)b", "/b", true)]
    [InlineData("/a|/b", "/b", true)]
    public void It_matches_a_whole_path(string pattern, string path, bool expected) =>
        Assert.Equal(expected, Matches(pattern, path));

    [Theory]
    [InlineData("/a(b", "/ab")]
    [InlineData("/a)", "/a)")]
    [InlineData("/[a", "/a")]
    [InlineData(@"/[\]", "/]")]
    [InlineData("/a\\", "/a\\")]
    [InlineData("*a", "*a")]
    [InlineData("/a*+", "/a")]
    [InlineData("/a{2}", "/aa")]
    [InlineData("/(?:a)", "/a")]
    [InlineData(@"/\d", "/1")]
    [InlineData(@"/[\d]", "/d")]
    [InlineData("/[[:digit:]]", "/:]")]
    public void What_it_does_not_know_matches_nothing(string pattern, string path) =>
        Assert.False(Matches(pattern, path));

    [Fact]
    public void A_pattern_made_to_take_for_ever_ends()
    {
        string path = new('a', 4095);
        long start = Stopwatch.GetTimestamp();
        Assert.False(Matches("((((a*)*)*)*)*b", path));
        Assert.False(Matches("(a|aa)+(a|aa)+(a|aa)+b", path));
        Assert.False(Matches(new string('(', 100_000), path));
        Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds < 5);
    }

    [Fact]
    public void No_pattern_breaks_it() => Fuzz.Run(
        [@"/home/[^/]+/\.ssh(/.*)?"u8.ToArray(), "/(a|(b[c-e]*)+)?[]x]+.*"u8.ToArray()],
        pattern => PathPattern.Matches(pattern, "/home/grace/.ssh/aab]x"u8));

    private static bool Matches(string pattern, string path) =>
        PathPattern.Matches(Encoding.Latin1.GetBytes(pattern), Encoding.Latin1.GetBytes(path));
}
