using System;
using System.Linq;
using System.Text;
using Azprovision.Files;
using Azprovision.Sshd;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Sshd;

public sealed class SshdConfigTests : IDisposable
{
    private readonly TempRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("PasswordAuthentication no", "passwordauthentication|no")]
    [InlineData("  \tport=22\r", "port|22")]
    [InlineData("Port = 22", "port|22")]
    [InlineData("SetEnv A=b \"C=d e\"", "setenv|A=b|C=d e")]
    [InlineData("Include '/etc/ssh/a b.conf'", "include|/etc/ssh/a b.conf")]
    [InlineData("X \"it's\" 'say \"a\"'", "x|it's|say \"a\"")]
    [InlineData("X a # b", "x|a")]
    [InlineData("X a#b", "x|a#b")]
    [InlineData("ChallengeResponseAuthentication yes", "challengeresponseauthentication|yes")]
    [InlineData("X", "x")]
    [InlineData("# X y", "")]
    [InlineData("", "")]
    public void A_line_is_a_keyword_and_its_arguments(string line, string words) =>
        Assert.Equal(
            words,
            string.Concat(Parse(line).Keywords.Select(k => string.Join('|', [k.Keyword, .. k.Arguments]))));

    [Theory]
    [InlineData("A 1\nB 2\n", 2, "a b")]
    [InlineData("A 1\nMatch User x\nB 2\n", 1, "a")]
    [InlineData("A 1\nmatch all\nB 2\nMatch Group y\nC 3\nMatch All\nD 4", 1, "a match b match d")]
    public void What_stands_below_a_Match_is_not_for_everybody(string text, int firstMatch, string global)
    {
        SshdConfigText parsed = Parse(text);
        Assert.Equal(firstMatch, parsed.FirstMatch);
        Assert.Equal(global, string.Join(' ', parsed.Keywords.Where(k => k.IsGlobal).Select(k => k.Keyword)));
    }

    [Theory]
    [InlineData("PasswordAuthentication no", "PasswordAuthentication yes")]
    [InlineData("\tpasswordauthentication=no # why\r", "\tpasswordauthentication yes\r")]
    [InlineData("PasswordAuthentication", "PasswordAuthentication yes")]
    public void A_value_is_changed_in_place(string before, string after)
    {
        SshdConfigText text = Parse($"a\n{before}\nb");
        text.SetValue(1, "yes");
        string end = before.EndsWith('\r') ? "\r" : "";
        string mark = $"# Written by azprovision: \"{after.TrimEnd('\r')}\" in the place of: {before.TrimEnd('\r')}{end}";
        Assert.Equal($"a\n{mark}\n{after}\nb", Encoding.Latin1.GetString(text.ToBytes()));
    }

    [Fact]
    public void Included_files_stand_where_their_Include_is_in_byte_order()
    {
        _root.With("/etc/ssh/sshd_config", "A 1\nInclude sshd_config.d/*.conf /etc/ssh/one\nA 4\nMatch User x\nInclude /etc/ssh/not\n")
            .With("/etc/ssh/sshd_config.d/20-b.conf", "A 3\n").With("/etc/ssh/sshd_config.d/10-a.conf", "A 2\nMatch all\nB 1\n")
            .With("/etc/ssh/sshd_config.d/.hidden.conf", "H 1").With("/etc/ssh/sshd_config.d/x.conf.bak", "H 1")
            .With("/etc/ssh/one", "C 1\nMatch User y\nD 1").With("/etc/ssh/not", "H 1").WithDirectory("/etc/ssh/sshd_config.d/d.conf");
        SshdConfig config = SshdConfig.TryRead(new PlannedRoot(_root.Files))!;
        Assert.Equal(
            ["a 1", "include sshd_config.d/*.conf", "a 2", "match all", "b 1", "a 3", "c 1", "a 4"],
            config.Lines.Select(line => $"{line.Keyword} {line.Arguments[0]}"));
        Assert.Equal("/etc/ssh/sshd_config", config.First("A")?.Path);
        Assert.Null(config.First("H"));
    }

    [Fact]
    public void A_file_that_includes_itself_comes_to_an_end()
    {
        _root.With("/etc/ssh/sshd_config", "A 1\nInclude /etc/ssh/sshd_config\n");
        Assert.InRange(SshdConfig.TryRead(new PlannedRoot(_root.Files))!.Lines.Count, 2, 100);
    }

    [Theory]
    [InlineData("Include /etc/ssh/sshd_config.d/*.conf", true)]
    [InlineData("include sshd_config.d/*", true)]
    [InlineData("Include x /etc/ssh/sshd_config.d/??-azprovision.conf", true)]
    [InlineData("Include /etc/ssh/*.conf", false)]
    [InlineData("Include /etc/ssh/sshd_config.d/*.cfg", false)]
    [InlineData("Include /etc/ssh/sshd_config.d/?.conf", false)]
    [InlineData("Match User x\nInclude /etc/ssh/sshd_config.d/*.conf", false)]
    [InlineData("#Include /etc/ssh/sshd_config.d/*.conf", false)]
    public void An_Include_covers_a_file_or_not(string text, bool covers)
    {
        _root.With("/etc/ssh/sshd_config", text);
        SshdConfig config = SshdConfig.TryRead(new PlannedRoot(_root.Files))!;
        Assert.Equal(covers, config.Includes("/etc/ssh/sshd_config.d/00-azprovision.conf"));
    }

    [Fact]
    public void Damaged_text_is_read_and_given_back_as_it_is() => Fuzz.Run(
        [Encoding.Latin1.GetBytes("Include \"a b\" c\nMatch User x\n\tPort = 22 # x\nMatch all\nA \"b\n\r\n\"q\" r")],
        content => Assert.Equal(content, SshdConfigText.Parse("/x", content).ToBytes()));

    private static SshdConfigText Parse(string text) => SshdConfigText.Parse("/x", Encoding.Latin1.GetBytes(text));
}
