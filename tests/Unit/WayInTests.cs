using System;
using Azprovision.Configuration;
using Azprovision.Run;
using Azprovision.Spec;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit;

public sealed class WayInTests : IDisposable
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f grace@laptop";
    private const string Nothing = "there is neither an SSH key that sshd takes nor a password";

    private static readonly OvfEnvironment s_ovf = new(
        "1.0", "heron", "ada", null, null, [], [], null, null, null, null, null, new OvfDocument("<x/>", [], null));

    private readonly TempRoot _root = new();
    private readonly LogFile _log = new();

    public void Dispose()
    {
        _root.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void A_key_is_a_way_in() => Assert.Null(WhyNone(s_ovf with { PublicKeys = [new(null, null, Key)] }));

    [Fact]
    public void A_key_that_nobody_has_is_none() => Assert.Contains(
        "fingerprint 'C0FFEE' has no value", WhyNone(s_ovf with { PublicKeys = [new("C0FFEE", null, null)] }));

    [Theory]
    [InlineData(null, null)]
    [InlineData(false, null)]
    [InlineData(true, "neither sshd nor a serial console takes the password")]
    public void A_password_is_one_where_sshd_takes_it(bool? disable, string? expected)
    {
        OvfEnvironment ovf = s_ovf with { UserPassword = Secret.FromText("x"), DisableSshPasswordAuthentication = disable };
        AssertWhy(expected, WhyNone(ovf));
        AssertWhy(Nothing, WhyNone(ovf, "--skip", "password"));
    }

    [Fact]
    public void And_where_a_serial_console_takes_it()
    {
        _root.With("/etc/inittab", "S0:2345:respawn:/sbin/getty -L ttyS0 115200 vt100\n");
        Assert.Null(WhyNone(s_ovf with { UserPassword = Secret.FromText("x"), DisableSshPasswordAuthentication = true }));
        Assert.Contains(Nothing, WhyNone(s_ovf));
    }

    [Theory]
    [InlineData("$6$salt$hash", true, null)]
    [InlineData("*", true, Nothing)]
    [InlineData("!$6$salt$hash", true, Nothing)]
    [InlineData("$6$salt$hash", false, Nothing)]   // media without a password take it away
    public void A_user_who_keeps_a_password_can_use_it(string hash, bool isImds, string? expected)
    {
        _root.With("/etc/passwd", "ada:x:1000:1000::/home/ada:/bin/sh\n").With("/etc/shadow", $"ada:{hash}:1::::::\n");
        AssertWhy(expected, isImds ? WhyNone(null) : WhyNone(s_ovf));
    }

    [Fact]
    public void A_user_who_has_a_key_keeps_it()
    {
        _root.With("/etc/passwd", "ada:x:1000:1000::/home/ada:/bin/sh\n").With("/etc/shadow", "ada:*:1::::::\n");
        AssertWhy(Nothing, WhyNone(s_ovf));
        _root.With("/home/ada/.ssh/authorized_keys", $"{Key}\n");
        Assert.Null(WhyNone(s_ovf));
    }

    [Fact]
    public void A_closed_account_is_none_whatever_key_it_gets_unless_somebody_else_can()
    {
        OvfEnvironment ovf = s_ovf with { PublicKeys = [new(null, null, Key)] };
        _root.With("/etc/passwd", "ada:x:1000:1000::/home/ada:/sbin/nologin\neve:x:1001:1001::/home/eve:/bin/sh\n");
        AssertWhy("user 'ada' of the image can nowhere, as the login shell is '/sbin/nologin'", WhyNone(ovf));
        Assert.Null(WhyNone(ovf, "--allow-no-login"));
        _root.With("/home/eve/.ssh/authorized_keys", $"{Key}\n");
        Assert.Null(WhyNone(ovf));
    }

    [Theory]
    [InlineData("PubkeyAuthentication no", "line 1: PubkeyAuthentication is 'no'")]
    [InlineData("AuthorizedKeysFile none", "line 1: sshd is told to read no authorized_keys file")]
    [InlineData("AuthorizedKeysFile none\nAuthorizedKeysCommand /bin/x", null)]
    [InlineData("AllowUsers admin", "line 1: AllowUsers does not name 'ada'")]
    [InlineData("AllowUsers adm* ada", null)]
    [InlineData("AllowGroups ssh", null)]
    public void A_key_that_sshd_surely_does_not_take_is_none_unless_somebody_else_can(string config, string? expected)
    {
        OvfEnvironment ovf = s_ovf with { PublicKeys = [new(null, null, Key)] };
        _root.With("/etc/ssh/sshd_config", $"{config}\n");
        AssertWhy(expected, WhyNone(ovf));
        AssertWhy(expected, WhyNone(ovf with { DisableSshPasswordAuthentication = true }));
        _root.With("/etc/passwd", "admin:x:1000:1000::/home/admin:/bin/sh\n").With("/etc/shadow", "admin:$6$salt$hash:1::::::\n");
        Assert.Null(WhyNone(ovf));
        _root.With("/etc/passwd", "").With("/etc/inittab", "S0:2345:respawn:/sbin/getty -L ttyS0 115200 vt100\n");
        AssertWhy(expected, WhyNone(ovf));
        Assert.Null(WhyNone(ovf with { UserPassword = Secret.FromText("x") }));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("PasswordAuthentication no\n", "'/etc/ssh/a.conf' line 1: PasswordAuthentication is 'no'")]
    [InlineData("Match all\nPasswordAuthentication no\n", "'/etc/ssh/a.conf' line 2: PasswordAuthentication is 'no'")]
    [InlineData("Match User ad?\nPasswordAuthentication no\n", "'/etc/ssh/a.conf' line 2: PasswordAuthentication is 'no'")]
    [InlineData("Match User eve\nPasswordAuthentication no\n", null)]
    [InlineData("Match Address 10.0.0.0/8\nPasswordAuthentication no\n", null)]
    public void A_password_is_none_where_another_file_surely_overrules_the_platforms_yes(string config, string? expected)
    {
        OvfEnvironment ovf = s_ovf with { UserPassword = Secret.FromText("x"), DisableSshPasswordAuthentication = false };
        string both = config.Replace("PasswordAuthentication no\n", "PasswordAuthentication no\nKbdInteractiveAuthentication no\n", StringComparison.Ordinal);
        _root.With("/etc/ssh/sshd_config", "Include a.conf\n").With("/etc/ssh/a.conf", both);
        AssertWhy(expected, WhyNone(ovf));
        AssertWhy(null, WhyNone(ovf with { PublicKeys = [new(null, null, Key)] }));
    }

    [Theory]
    [InlineData("/etc/inittab")]
    [InlineData("/etc/passwd")]
    public void What_cannot_be_read_is_none_and_no_internal_error(string path)
    {
        _root.WithDirectory(path);
        OvfEnvironment ovf = s_ovf with { DisableSshPasswordAuthentication = true };
        Assert.Contains(Nothing, WhyNone(ovf));
        Assert.Null(WhyNone(ovf with { PublicKeys = [new(null, null, Key)] }));
    }

    [Fact]
    public void A_machine_that_waits_for_its_owner_needs_none_yet() => Assert.Null(WhyNone(s_ovf with { PreprovisionedVm = true }));

    [Theory]
    [InlineData("--allow-no-login")]
    [InlineData("--skip", "ssh-keys")]
    public void Whoever_wants_none_needs_none(params string[] flags) => Assert.Null(WhyNone(s_ovf, flags));

    private static void AssertWhy(string? expected, string? why)
    {
        if (expected is null)
        {
            Assert.Null(why);
        }
        else
        {
            Assert.EndsWith(expected, why);
        }
    }

    private string? WhyNone(OvfEnvironment? ovf, params string[] flags)
    {
        Options options = Options.From([], [], SettingSources.FromArguments(flags), _ => { });
        var deadline = Deadline.After(TimeSpan.FromSeconds(10), TimeProvider.System);
        var host = new Host(
            _root.Files, _root.Files, "/dev", Endpoint.WireServer, TimeProvider.System, deadline, deadline, _log.Log);
        ImdsInstance? imds = ovf is null ? new(null, "heron", "ada", null, [], null, null, null, IsWhole: true) : null;
        return new WayIn(host, options).WhyNone(MachineSpec.From(null, ovf, imds));
    }
}
