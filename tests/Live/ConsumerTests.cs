using Azprovision.Accounts;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>Debian's own programs judge what was written: the shadow suite, PAM, sudo, doas and OpenSSH.</summary>
public sealed class ConsumerTests(ConsumerMachines machines) : IClassFixture<ConsumerMachines>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_checker_is_content(bool hasPassword)
    {
        DebianMachine machine = Machine(hasPassword);
        AssertSuccess("ssh-keygen: generating new host keys: RSA ECDSA ED25519 \n", machine.Provisioned);
        AssertSuccess("", machine.Run("pwck -q -r"));
        AssertSuccess("", machine.Run("grpck -r"));
        AssertSuccess("", machine.Run("visudo -c -q"));
        AssertSuccess("", machine.Run("doas -C /etc/doas.conf"));
        AssertSuccess("", machine.Run("mkdir -p /run/sshd && sshd -t"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_key_lets_the_user_in(bool hasPassword) =>
        AssertSuccess("ada\n", Machine(hasPassword).LoginByKey());

    [Fact]
    public void Another_key_lets_nobody_in() =>
        AssertRefused(machines.KeyOnly.Login("ssh -i /nonexistent -o BatchMode=yes"));

    [Theory]
    [InlineData("password")]
    [InlineData("keyboard-interactive")]
    public void The_password_lets_the_user_in_where_it_may(string method)
    {
        AssertSuccess("ada\n", machines.WithPassword.LoginByPassword(method));
        AssertRefused(machines.KeyOnly.LoginByPassword(method));
    }

    [Fact]
    public void An_sshd_that_runs_reads_its_new_settings()
    {
        Tool tool = machines.KeyOnly.SetUpRunningSshd();
        Assert.Contains("call kill(2) SIGHUP sshd", tool.Output);
        Assert.EndsWith("alive\n", tool.Output);
    }

    [Fact]
    public void An_sshd_that_ends_before_it_is_told_is_no_trouble()
    {
        Tool tool = machines.KeyOnly.SetUpRunningSshd("strace -f -qq -o /dev/null -e inject=kill:error=ESRCH");
        Assert.Contains("call kill(2) SIGHUP sshd", tool.Output);
        Assert.DoesNotContain("No such process", tool.Output);
        Assert.EndsWith("alive\n", tool.Output);
    }

    [Fact]
    public void A_user_without_a_password_becomes_root_without_one()
    {
        AssertSuccess("0\n", machines.KeyOnly.LoginByKey("sudo -n id -u"));
        AssertSuccess("0\n", machines.KeyOnly.LoginByKey("doas -n id -u"));
    }

    [Fact]
    public void A_user_with_a_password_becomes_root_with_it_alone()
    {
        AssertRefused(machines.WithPassword.LoginByKey("sudo -n id -u"));
        AssertRefused(machines.WithPassword.LoginByKey("doas -n id -u"));
        AssertRefused(machines.WithPassword.LoginByKey("echo wrong | sudo -S id -u"));
        AssertSuccess("0\n", machines.WithPassword.LoginByKey($"echo '{DebianMachine.Password}' | sudo -S id -u"));
    }

    [Theory]
    [InlineData("Defaults targetpw")]
    [InlineData("Defaults env_reset, rootpw")]
    [InlineData("Defaults runaspw")]
    public void Where_sudo_asks_for_roots_password_it_takes_the_users(string defaults) =>
        AssertSuccess("0\n", machines.WithPassword.SudoWith(first: defaults, last: ""));

    [Fact]
    public void A_rule_that_counts_instead_of_ours_is_told()
    {
        Tool sudo = machines.WithPassword.SudoWith(first: "", last: "ada ALL=(ALL) /bin/true, !/usr/bin/id");
        Assert.True(sudo.ExitCode != 0 && sudo.Output.Length == 0, sudo.Errors);
        Assert.Contains("comes after our rule for 'ada' and counts instead where it applies", sudo.Errors);
    }

    [Fact]
    public void PAM_takes_the_password_and_no_other()
    {
        AssertSuccess("ada\n", Su(machines.WithPassword, DebianMachine.Password));
        AssertRefused(Su(machines.WithPassword, "wrong"));
        AssertRefused(Su(machines.WithPassword, ""));
        AssertRefused(Su(machines.KeyOnly, ""));
        AssertRefused(Su(machines.KeyOnly, "*"));
    }

    [Fact]
    public void The_account_is_what_useradd_would_have_made()
    {
        AssertSuccess(
            "uid=1000(ada) gid=1000(ada) groups=1000(ada),4(adm),100(users)\n755 ada:ada /home/ada\n644 ada:ada /home/ada/.profile\n",
            machines.KeyOnly.Run("id ada && stat -c '%a %U:%G %n' /home/ada /home/ada/.profile"));
        AssertSuccess("ada:100000:65536\n", machines.KeyOnly.Run("cat /etc/subuid"));
    }

    [Fact]
    public void Other_tools_go_on_from_there()
    {
        using var machine = new DebianMachine(hasPassword: true);
        AssertSuccess(
            "uid=1001(eve) gid=1001(eve) groups=1001(eve)\n",
            machine.Run("useradd -m eve && usermod -aG sudo ada && passwd -q -l eve && id eve"));
        AssertSuccess("ada sudo\n", machine.Run("usermod -l ada ada 2>&1 | grep -v 'no changes'; groups ada | grep -o 'ada adm\\|sudo' | cut -d' ' -f1 | xargs"));
        AssertSuccess("", machine.Run("pwck -q -r && grpck -r && userdel -r ada 2>/dev/null; pwck -q -r && grpck -r"));
    }

    // Names that are words of sudoers(5) or doas.conf(5), or look like an alias.
    [Theory]
    [InlineData("ALL")]
    [InlineData("ADA_1")]
    [InlineData("Defaults")]
    [InlineData("User_Alias")]
    [InlineData("Cmnd_Alias")]
    [InlineData("NOPASSWD")]
    [InlineData("sudoedit")]
    [InlineData("sha224")]
    [InlineData("sha512")]
    [InlineData("10.0.0.1")]
    [InlineData("1a")]
    [InlineData("include")]
    [InlineData("permit")]
    [InlineData("persist")]
    [InlineData("as")]
    [InlineData("cmd")]
    [InlineData("_a.b-c")]
    public void A_rule_is_for_its_user_alone_whatever_the_name(string name)
    {
        string sudo = SudoRule.SudoersRule(name, needsPassword: false);
        string doas = SudoRule.DoasRule(name, needsPassword: true);
        AssertSuccess("0\n0\n", machines.KeyOnly.Run($"""
            set -e
            trap 'userdel -f other; userdel -f {name}; rm -f /etc/sudoers.d/zz' EXIT
            useradd --badname {name} 2>/dev/null && useradd other
            echo '{sudo}' >/etc/sudoers.d/zz && chmod 0440 /etc/sudoers.d/zz && visudo -c -q
            su {name} -s /bin/sh -c 'sudo -n id -u'
            if su other -s /bin/sh -c 'sudo -n id -u'; then echo 'too much'; fi
            echo '{doas}' >/tmp/doas && doas -C /tmp/doas
            echo '{SudoRule.DoasRule(name, needsPassword: false)}' >/tmp/doas && doas -C /tmp/doas
            echo 0
            """));
    }

    private static Tool Su(DebianMachine machine, string password) =>
        machine.Run($"echo '{password}' | setpriv --reuid nobody --regid nogroup --clear-groups su ada -c 'id -un'");

    private static void AssertSuccess(string output, Tool tool) =>
        Assert.True(
            tool.ExitCode == 0 && tool.Output == output, $"exit code {tool.ExitCode}\n{tool.Output}\n{tool.Errors}");

    // 99 and 100 are failures to set the test up.
    private static void AssertRefused(Tool tool) =>
        Assert.True(
            tool.ExitCode is not (0 or 99 or 100 or 127) && tool.Output.Length == 0,
            $"exit code {tool.ExitCode}\n{tool.Output}\n{tool.Errors}");

    private DebianMachine Machine(bool hasPassword) => hasPassword ? machines.WithPassword : machines.KeyOnly;
}
