using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Configuration;
using Azprovision.Run;
using Azprovision.Spec;
using Xunit;

namespace Azprovision.Tests.Unit.Configuration;

public class OptionsTests
{
    [Fact]
    public void Without_any_setting_the_documented_defaults_hold()
    {
        Options options = FromFlags();
        Assert.Equal("/", options.Root);
        Assert.Null(options.Media);
        Assert.Equal(TimeSpan.FromSeconds(10), options.MediaWait);
        Assert.Null(options.WireServer);
        Assert.Equal("169.254.169.254:80", options.Imds?.ToString());
        Assert.True(options.MayMakeNetwork);
        Assert.False(options.KeepNetwork);
        Assert.Equal(Steps.All, options.Steps);
        Assert.Equal(SudoPolicy.Auto, options.Sudo);
        Assert.Equal(HostKeyPolicy.Auto, options.HostKeys);
        Assert.Equal(TimeSpan.FromSeconds(300), options.Timeout);
        Assert.Equal("stderr", options.LogTo);
        Assert.False(options.Force || options.DryRun || options.RunCustomData || options.WaagentFiles);
        Assert.False(options.UserData || options.AllowNoLogin || options.LeavesImdsOut);
    }

    [Theory]
    [InlineData(300, 10)]
    [InlineData(40, 10)]
    [InlineData(20, 5)]
    public void A_part_of_the_timeout_is_kept_for_the_last_word(int timeout, int lastWord) => Assert.Equal(
        TimeSpan.FromSeconds(lastWord), FromFlags("--timeout", $"{timeout}").LastWord);

    [Theory]
    [InlineData("", true)]
    [InlineData("imds = 10.0.0.1\n", true)]
    [InlineData("", false, "--imds", "10.0.0.1")]
    [InlineData("", false, "--imds", "none")]
    public void A_dry_run_asks_nobody_whom_no_flag_names(string file, bool leavesOut, params string[] flags)
    {
        Options options = Options.From(
            SettingSources.FromFile(file, "f"),
            SettingSources.FromKernel("azprovision.imds=10.0.0.2"),
            SettingSources.FromArguments(["--dry-run", .. flags]),
            _ => { });
        Assert.Equal(leavesOut, options.LeavesImdsOut);
        Assert.Equal(leavesOut || flags[^1] == "none", options.Imds is null);
    }

    [Fact]
    public void A_flag_wins_over_a_kernel_argument_and_that_over_the_file()
    {
        List<Setting> file = SettingSources.FromFile("timeout = 1\nmedia-wait = 1\nlog = /a\n", "/etc/azprovision.conf");
        List<Setting> kernel = SettingSources.FromKernel("azprovision.timeout=2 azprovision.media_wait=2");
        List<Setting> flags = SettingSources.FromArguments(["--timeout", "3"]);
        Options options = Options.From(file, kernel, flags, _ => { });
        Assert.Equal((3, 2, "/a"), ((int)options.Timeout.TotalSeconds, (int)options.MediaWait.TotalSeconds, options.LogTo));
    }

    [Theory]
    [InlineData((int)Steps.Report, "--only", "report")]
    [InlineData((int)(Steps.HostName | Steps.SshKeys), "--only", "hostname,ssh-keys")]
    [InlineData((int)(Steps.All & ~Steps.Sudo & ~Steps.System), "--skip", "sudo, system")]
    [InlineData((int)Steps.User, "--only", "user,report", "--skip", "report")]
    public void Only_and_skip_choose_the_steps(int expected, params string[] flags) =>
        Assert.Equal((Steps)expected, FromFlags(flags).Steps);

    [Theory]
    [InlineData("--bogus: unknown option", "--bogus", "x")]
    [InlineData("--root: needs a value", "--root")]
    [InlineData("--root: needs a value", "--root=")]
    [InlineData("--timeout: '0' is not a number of seconds from 1 to 604800", "--timeout", "0")]
    [InlineData("--timeout: '1.5' is not a number of seconds from 1 to 604800", "--timeout", "1.5")]
    [InlineData("--timeout: needs a value", "--timeout")]
    [InlineData("--media-wait: '-1' is not a number of seconds from 0 to 604800", "--media-wait", "-1")]
    [InlineData("--wireserver: 'example.org' is not an IPv4 address with an optional :PORT", "--wireserver", "example.org")]
    [InlineData("--wireserver: '1.2.3.4:0' is not an IPv4 address with an optional :PORT", "--wireserver", "1.2.3.4:0")]
    [InlineData("--wireserver: '1.2.3.4.5' is not an IPv4 address with an optional :PORT", "--wireserver", "1.2.3.4.5")]
    [InlineData("--only: 'user,usr' has the step 'usr', which is none of hostname, user, password, sudo, ssh-keys, sshd, custom-data, system, resource-disk, report", "--only", "user,usr")]
    [InlineData("--network: 'on' is neither 'auto' nor 'off'", "--network", "on")]
    [InlineData("--imds: 'off' is not an IPv4 address with an optional :PORT", "--imds", "off")]
    [InlineData("--sudo: 'yes' is none of auto, nopasswd, password, none", "--sudo", "yes")]
    [InlineData("--host-keys: 'yes' is none of auto, keep, generate", "--host-keys", "yes")]
    [InlineData("--force: 'maybe' is neither 'yes' nor 'no'", "--force=maybe")]
    [InlineData("--only and --skip together leave no step to run", "--only", "user", "--skip", "user")]
    [InlineData("--only: ',' names no step", "--only", ",")]
    [InlineData("--log: 'kmsg,STDERR' has 'STDERR', which is none of stderr, kmsg, /FILE", "--log", "kmsg,STDERR")]
    [InlineData("--log: ',' names no place", "--log", ",")]
    [InlineData("--help: takes no value", "--help=no")]
    [InlineData("--version: takes no value", "--version=x")]
    [InlineData("'x\\x0a': neither a command nor an option", "x\n")]
    [InlineData("'--=x': neither a command nor an option", "--=x")]
    [InlineData("'check': the command comes first, before all options", "--root", "/mnt", "check")]
    public void A_bad_flag_is_named_with_its_value(string message, params string[] flags) =>
        Assert.Equal(message, Assert.Throws<InvalidDataException>(() => FromFlags(flags)).Message);

    [Theory]
    [InlineData("/etc/azprovision.conf line 2: timeout: 'x' is not a number of seconds from 1 to 604800", "# c\ntimeout = x\n")]
    [InlineData("/etc/azprovision.conf line 1: rot: unknown option", "rot = /x\n")]
    [InlineData("/etc/azprovision.conf line 1: root: cannot be set here", "root = /x\n")]
    [InlineData("/etc/azprovision.conf line 1: user: cannot be set here", "user = yes\n")]
    [InlineData("/etc/azprovision.conf line 1: json: cannot be set here", "json = yes\n")]
    [InlineData("/etc/azprovision.conf line 1: wait: cannot be set here", "wait = no\n")]
    [InlineData("/etc/azprovision.conf line 1: 'timeout' is not 'name = value'", "timeout\n")]
    [InlineData("/etc/azprovision.conf line 1: 'force' is not 'name = value'", "force\n")]
    [InlineData("/etc/azprovision.conf line 1: '= /x' is not 'name = value'", "= /x\n")]
    [InlineData("/etc/azprovision.conf line 1: only: ',' names no step", "only = ,\n")]
    [InlineData("/etc/azprovision.conf line 2: skip: 'user' leaves no step to run", "only = user\nskip = user\ntimeout = 5\n")]
    public void A_bad_line_of_the_file_is_named_with_its_number(string message, string text) => Assert.Equal(
        message, Options.From(SettingSources.FromFile(text, "/etc/azprovision.conf"), [], [], _ => { }).Problem?.Message);

    [Fact]
    public void A_mistake_in_a_file_costs_no_other_line_and_each_is_told()
    {
        var warnings = new List<string>();
        Options options = Options.From(
            SettingSources.FromFile("log = stderr,/var/log/az.log\nnonsense\nnetwork = off\nbogus = 1\nstate = /data\ntimeout = 3\n", "f"),
            [],
            [],
            warnings.Add);
        Assert.Equal("f line 2: 'nonsense' is not 'name = value'", options.Problem?.Message);
        Assert.Equal(["f line 4: bogus: unknown option"], warnings);
        Assert.Equal(("stderr,/var/log/az.log", false, "/data"), (options.LogTo, options.MayMakeNetwork, options.State));
        Assert.Equal(TimeSpan.FromSeconds(3), options.Timeout);
    }

    [Fact]
    public void Files_that_leave_nothing_to_do_are_what_is_wrong_and_not_the_kernels_arguments()
    {
        var warnings = new List<string>();
        List<Setting> kernel = SettingSources.FromKernel("azprovision.timeout=60");
        Options options = Options.From(SettingSources.FromFile("only = user\nskip = user\n", "f"), kernel, [], warnings.Add);
        Assert.Empty(warnings);
        Assert.Equal((TimeSpan.FromSeconds(60), Steps.All), (options.Timeout, options.Steps));   // the report is one of them

        const string Corrected = "only = user\nskip = user\nonly = report\n";
        Assert.Null(Options.From(SettingSources.FromFile(Corrected, "f"), [], [], _ => { }).Problem);
    }

    [Fact]
    public void A_bad_kernel_argument_is_only_a_warning()
    {
        var warnings = new List<string>();
        Options options = Options.From(
            [],
            SettingSources.FromKernel("quiet azprovision.timeout=x azprovision.bogus azprovision.json azprovision.force"),
            [],
            warnings.Add);
        Assert.True(options.Force);
        Assert.Equal(
            [
                "kernel argument azprovision.timeout: 'x' is not a number of seconds from 1 to 604800, ignoring",
                "kernel argument azprovision.bogus: unknown option, ignoring",
                "kernel argument azprovision.json: cannot be set here, ignoring",
            ],
            warnings);
    }

    [Fact]
    public void Kernel_arguments_that_leave_nothing_to_do_are_only_a_warning()
    {
        var warnings = new List<string>();
        Options options = Options.From(
            SettingSources.FromFile("skip = report\n", "f"), SettingSources.FromKernel("azprovision.only=report"), [], warnings.Add);
        Assert.Equal(Steps.All & ~Steps.Report, options.Steps);
        Assert.Equal(["kernel argument azprovision.only: 'report' leaves no step to run, ignoring"], warnings);
    }

    [Theory]
    [InlineData("quiet = yes\nverbose = no\n", "--force", (int)LogLevel.Error)]
    [InlineData("verbose = yes\nquiet = no\n", "--force", (int)LogLevel.Debug)]
    [InlineData("quiet = yes\n", "--quiet=no", (int)LogLevel.Info)]
    [InlineData("verbose = yes\n", "--verbose=no", (int)LogLevel.Info)]
    [InlineData("verbose = yes\n", "-q", (int)LogLevel.Error)]
    [InlineData("quiet = yes\n", "-v", (int)LogLevel.Debug)]
    public void A_flag_decides_how_much_is_logged_whatever_the_file_says(string file, string flag, int expected) => Assert.Equal(
        (LogLevel)expected,
        Options.From(SettingSources.FromFile(file, "f"), [], SettingSources.FromArguments([flag]), _ => { }).LogLevel);

    [Fact]
    public void Quotes_keep_a_kernel_argument_together_and_a_double_hyphen_ends_them()
    {
        List<Setting> settings = SettingSources.FromKernel(
            "ro azprovision.log=\"/var/log/a b\" \"azprovision.groups=a,b\" -- azprovision.force");
        Assert.Equal(
            [("log", "/var/log/a b"), ("groups", "a,b")],
            settings.ConvertAll(setting => (setting.Name, setting.Value!)));
    }

    [Fact]
    public void Switches_take_no_value_and_can_be_turned_off_again()
    {
        Assert.True(FromFlags("--force", "--dry-run").Force);
        List<Setting> file = SettingSources.FromFile("force = yes\n", "f");
        Assert.False(Options.From(file, [], SettingSources.FromArguments(["--force=no"]), _ => { }).Force);
    }

    [Fact]
    public void The_help_fits_one_screen()
    {
        string[] lines = Options.Usage.Split('\n');
        Assert.InRange(lines.Length, 10, 40);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
    }

    private static Options FromFlags(params string[] flags) =>
        Options.From([], [], SettingSources.FromArguments(flags), _ => { });
}
