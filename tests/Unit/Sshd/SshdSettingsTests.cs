using System;
using System.Globalization;
using Azprovision.Sshd;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Sshd;

public sealed class SshdSettingsTests : IDisposable
{
    private const string Main = "/etc/ssh/sshd_config";
    private const string DropIn = "/etc/ssh/sshd_config.d/10-azprovision.conf";
    private const string Include = "Include /etc/ssh/sshd_config.d/*.conf\n";
    private const string Comment = "# Written by azprovision: what the platform asks of sshd.\n";

    private readonly TempRoot _root = new();
    private readonly Planned _planned;
    private readonly LogFile _log = new();

    public SshdSettingsTests() => _planned = new Planned(_root);

    public void Dispose()
    {
        _root.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void Without_sshd_there_is_nothing_to_set()
    {
        Plan(true);
        Assert.Empty(_planned.Lines());
    }

    [Theory]
    [InlineData(true, "PasswordAuthentication yes\nKbdInteractiveAuthentication yes\nClientAliveInterval 180\n")]
    [InlineData(false, "PasswordAuthentication no\nKbdInteractiveAuthentication no\nClientAliveInterval 180\n")]
    [InlineData(null, "ClientAliveInterval 180\n")]
    public void A_drop_in_is_written_where_it_is_included(bool? passwords, string content)
    {
        _root.With(Main, Include + "PasswordAuthentication maybe\n");
        Plan(passwords);
        Assert.Equal([$"create {DropIn} 0600 0:0"], _planned.Lines());
        Assert.Equal(Comment + content, _planned.Content(DropIn));
        _planned.Apply();
        Plan(passwords);
        Assert.Empty(_planned.Lines());
    }

    [Theory]
    [InlineData("", "PasswordAuthentication no\nKbdInteractiveAuthentication no\nClientAliveInterval 180\n")]
    [InlineData(
        "Port 22\nMatch User x\n  PasswordAuthentication yes\n",
        "Port 22\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nClientAliveInterval 180\nMatch User x\n  PasswordAuthentication yes\n")]
    [InlineData(
        "#PasswordAuthentication yes\nChallengeResponseAuthentication yes\r\npasswordauthentication yes\nPasswordAuthentication yes",
        "#PasswordAuthentication yes\nChallengeResponseAuthentication no\r\npasswordauthentication no\nPasswordAuthentication yes\nClientAliveInterval 180\n")]
    [InlineData(
        "ClientAliveInterval 180\nKbdInteractiveAuthentication no\nPasswordAuthentication no",
        null)]
    [InlineData(
        "ClientAliveInterval 60\nMatch all\nPasswordAuthentication yes\n",
        "ClientAliveInterval 180\nKbdInteractiveAuthentication no\nMatch all\nPasswordAuthentication no\n")]
    public void Without_an_include_the_main_file_is_edited_before_the_first_Match(string before, string? after)
    {
        _root.With(Main, before);
        Plan(false);
        Assert.Equal(after, _planned.Content(Main));
        Assert.Null(_planned.Content(DropIn));
        _planned.Apply();
        Plan(false);
        Assert.Empty(_planned.Lines());
    }

    [Fact]
    public void A_keyword_above_the_include_is_changed_where_it_stands()
    {
        _root.With(Main, "PasswordAuthentication yes\n" + Include + "KbdInteractiveAuthentication yes\n");
        Plan(false);
        Assert.Equal("PasswordAuthentication no\n" + Include + "KbdInteractiveAuthentication yes\n", _planned.Content(Main));
        Assert.NotNull(_planned.Content(DropIn));
    }

    [Theory]
    [InlineData("05-image.conf", "PasswordAuthentication yes\n", true)]
    [InlineData("05-image.conf", "PasswordAuthentication no\n", false)]
    [InlineData("05-image.conf", "Match User x\nPasswordAuthentication yes\n", false)]
    [InlineData("50-image.conf", "PasswordAuthentication yes\n", false)]
    public void Another_file_that_sshd_reads_first_is_named(string name, string content, bool warns)
    {
        _root.With(Main, Include).With($"/etc/ssh/sshd_config.d/{name}", content);
        Plan(false);
        Assert.NotNull(_planned.Content(DropIn));
        Assert.Equal(
            warns,
            _log.Text.Contains(
                $"'/etc/ssh/sshd_config.d/{name}' line 1 decides on PasswordAuthentication", StringComparison.Ordinal));
    }

    [Fact]
    public void A_process_that_is_not_the_sshd_of_this_root_gets_no_signal()
    {
        _root.With(Main, "").With("/run/sshd.pid", Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        Plan(true);
        Assert.DoesNotContain(_planned.Lines(), line => line.Contains("SIGHUP", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1")]
    [InlineData("../..")]
    [InlineData("2147483647")]
    public void A_pid_file_of_nonsense_names_no_process(string content)
    {
        _root.With("/run/sshd.pid", content);
        Assert.Null(RunningSshd.TryFindPid(_root.Files));
    }

    private void Plan(bool? passwords) => SshdSettings.Plan(_planned.Changes, _root.Files, passwords, _log.Log);
}
