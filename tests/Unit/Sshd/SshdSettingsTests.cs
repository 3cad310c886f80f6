using System;
using System.Globalization;
using System.IO;
using Azprovision.Spec;
using Azprovision.Sshd;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Sshd;

public sealed class SshdSettingsTests : IDisposable
{
    private const string Main = "/etc/ssh/sshd_config";
    private const string DropIn = "/etc/ssh/sshd_config.d/00-azprovision.conf";
    private const string Include = "Include /etc/ssh/sshd_config.d/*.conf\n";
    private const string Comment = "# Written by azprovision: what the platform asks of sshd.\n";

    private readonly TempRoot _root = new();
    private readonly Planned _planned;

    public SshdSettingsTests() => _planned = new Planned(_root);

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("KbdInteractiveAuthentication no\nPasswordAuthentication no\n", false)]
    [InlineData("KbdInteractiveAuthentication no\nPasswordAuthentication yes\n", true)]
    public void A_link_out_of_etc_gives_way_to_a_file_only_for_what_keeps_somebody_out(string before, bool isChanged)
    {
        _root.With("/store/sshd_config", before, (UnixFileMode)0x180).WithLink(Main, "/store/sshd_config");
        Plan(false);
        Assert.Equal(isChanged ? [$"replace {Main} 0600 0:0"] : [], _planned.Lines());
        Assert.Equal(isChanged, _planned.Content(Main) is not null);
        Assert.Null(_planned.Content("/store/sshd_config"));
        Assert.Equal(
            isChanged ? "" : $"'{Main}' leads to '/store/sshd_config', which is not changed for a nicety, ignoring",
            _planned.Warnings);
    }

    [Fact]
    public void A_directory_in_its_place_is_no_configuration()
    {
        _root.WithDirectory(Main).With("/usr/etc/ssh/sshd_config", Include);
        Plan(false);
        Assert.NotNull(_planned.Content(DropIn));
        Assert.Null(_planned.Content(Main));
    }

    [Fact]
    public void Without_sshd_there_is_nothing_to_set()
    {
        Plan(true);
        Assert.Empty(_planned.Lines());
    }

    [Theory]
    [InlineData(true, "PasswordAuthentication yes\nChallengeResponseAuthentication yes\nKbdInteractiveAuthentication yes\nClientAliveInterval 180\n")]
    [InlineData(false, "PasswordAuthentication no\nChallengeResponseAuthentication no\nKbdInteractiveAuthentication no\nClientAliveInterval 180\n")]
    [InlineData(null, "ClientAliveInterval 180\n")]
    public void A_drop_in_is_written_where_it_is_included(bool? passwords, string content)
    {
        _root.With(Main, Include + "PasswordAuthentication maybe\n");
        Plan(passwords);
        Assert.Equal(["create /etc/ssh/sshd_config.d 0755 0:0", $"create {DropIn} 0600 0:0"], _planned.Lines());
        Assert.Equal(Comment + content, _planned.Content(DropIn));
        _planned.Apply();
        Plan(passwords);
        Assert.Empty(_planned.Lines());
    }

    [Theory]
    [InlineData("", "PasswordAuthentication no\nChallengeResponseAuthentication no\nKbdInteractiveAuthentication no\nClientAliveInterval 180\n")]
    [InlineData(
        "Port 22\nMatch User x\n  PasswordAuthentication yes\n",
        "Port 22\nPasswordAuthentication no\nChallengeResponseAuthentication no\nKbdInteractiveAuthentication no\nClientAliveInterval 180\nMatch User x\n  PasswordAuthentication yes\n")]
    [InlineData(
        "#PasswordAuthentication yes\nChallengeResponseAuthentication yes\r\npasswordauthentication yes\nPasswordAuthentication yes",
        "#PasswordAuthentication yes\nChallengeResponseAuthentication no\r\npasswordauthentication no\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\nClientAliveInterval 180\n")]
    [InlineData(
        "ClientAliveInterval 180\nKbdInteractiveAuthentication no\nPasswordAuthentication no",
        "ClientAliveInterval 180\nKbdInteractiveAuthentication no\nPasswordAuthentication no\nChallengeResponseAuthentication no\n")]
    [InlineData(
        "ChallengeResponseAuthentication no\nClientAliveInterval 180\nKbdInteractiveAuthentication no\nPasswordAuthentication no",
        null)]
    [InlineData(
        "ClientAliveInterval 60\nMatch all\nPasswordAuthentication yes\n",
        "ClientAliveInterval 180\nChallengeResponseAuthentication no\nKbdInteractiveAuthentication no\nMatch all\nPasswordAuthentication no\n")]
    public void Without_an_include_the_main_file_is_edited_before_the_first_Match(string before, string? after)
    {
        _root.With(Main, before);
        Plan(false);
        Assert.Equal(after, WithoutMarks(_planned.Content(Main)));
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
        Assert.Equal(
            "PasswordAuthentication no\n" + Include + "KbdInteractiveAuthentication yes\n", WithoutMarks(_planned.Content(Main)));
        Assert.NotNull(_planned.Content(DropIn));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Port 22\nMatch User x\n  PasswordAuthentication yes\n")]
    [InlineData("#PasswordAuthentication yes\nChallengeResponseAuthentication yes\r\n passwordauthentication=yes\nPasswordAuthentication yes\n")]
    [InlineData("\"ClientAliveInterval\" 60\r\nMatch all\r\nPasswordAuthentication yes\r\n")]
    public void What_the_image_had_comes_back_also_after_a_second_edit(string image)
    {
        _root.With(Main, image);
        foreach (bool passwords in (bool[])[false, true, false])
        {
            Plan(passwords);
            _planned.Apply();
        }

        SshdSettings.PlanRemoval(_planned.Root);
        Assert.Equal(image, _planned.Content(Main));
        _planned.Apply();
        SshdSettings.PlanRemoval(_planned.Root);
        Assert.Empty(_planned.Lines());
    }

    [Theory]
    [InlineData("PasswordAuthentication no\n", "PasswordAuthentication yes", "PasswordAuthentication prohibit", "PasswordAuthentication prohibit\n")]
    [InlineData("PasswordAuthentication no\n", "PasswordAuthentication yes\n", "", "")]
    [InlineData("", "PasswordAuthentication yes", "PasswordAuthentication no", "PasswordAuthentication no\n")]
    [InlineData("", "ClientAliveInterval 180", "ClientAliveInterval 60", "ClientAliveInterval 60\n")]
    [InlineData("PasswordAuthentication no\n", "\nPasswordAuthentication yes", "\nPort 22\nPasswordAuthentication yes", "Port 22\nPasswordAuthentication yes\n")]
    public void What_somebody_has_made_of_our_lines_stays(string image, string ours, string theirs, string after)
    {
        _root.With(Main, image);
        Plan(true);
        _planned.Apply();
        string edited = _root.Read(Main).Replace($"\n{ours.TrimStart('\n')}", $"\n{theirs.TrimStart('\n')}", StringComparison.Ordinal);
        Assert.NotEqual(edited, _root.Read(Main));
        _root.With(Main, edited);
        SshdSettings.PlanRemoval(_planned.Root);
        Assert.Equal(after, _planned.Content(Main));
    }

    [Fact]
    public void A_main_file_that_hid_the_vendors_goes()
    {
        _root.With("/usr/etc/ssh/sshd_config", "PasswordAuthentication yes\n");
        Plan(false);
        _planned.Apply();
        SshdSettings.PlanRemoval(_planned.Root);
        Assert.Equal([$"remove {Main}"], _planned.Lines());
    }

    [Theory]
    [InlineData(Include, "00-a.conf", "PasswordAuthentication yes\n", true)]
    [InlineData(Include, "00-a.conf", "ChallengeResponseAuthentication yes\n", true)]
    [InlineData(Include, "00-a.conf", "PasswordAuthentication no\n", false)]
    [InlineData(Include, "00-a.conf", "Match User x\nPasswordAuthentication yes\n", false)]
    [InlineData(Include, "00-b.conf", "PasswordAuthentication yes\n", false)]
    [InlineData(Include, "zz.conf", "Match all\nPasswordAuthentication yes\n", true)]
    [InlineData(Include, "zz.conf", "Match all\nPasswordAuthentication no\n", false)]
    [InlineData(Include, "05-image.conf", "PasswordAuthentication yes\n", false)]
    [InlineData(Include, "00-a.conf", "Include /opt/x.conf\n", true)]
    [InlineData("Include /opt/*.conf sshd_config.d/*.conf\n", "50-image.conf", "", true)]
    [InlineData("Include /etc/ssh/*.d/*.conf\n", "00-a.conf", "PasswordAuthentication yes\n", true)]
    [InlineData("Include /etc/ssh/*.d/*.conf\n", "01-a.conf", "PasswordAuthentication yes\n", false)]
    [InlineData("Include /etc/ssh/sshd_config.d/[0-9]*.conf\n", "50-image.conf", "PasswordAuthentication yes\n", false)]
    [InlineData("Include /etc/ssh/sshd_config.d/[!0]*.conf\n", "50-image.conf", "PasswordAuthentication yes\n", true)]
    public void A_no_that_another_file_overrules_is_a_failure_that_names_it(string main, string name, string content, bool fails)
    {
        _root.With(Main, main).With($"/etc/ssh/sshd_config.d/{name}", content).With("/opt/x.conf", "PasswordAuthentication yes\n");
        if (!fails)
        {
            Plan(false);
            Assert.NotNull(_planned.Content(DropIn));
            return;
        }

        ProvisioningException e = Assert.Throws<ProvisioningException>(() => Plan(false));
        Assert.Equal(Failure.Sshd, e.Failure);
        Assert.Contains(content.StartsWith("Match", StringComparison.Ordinal) ? " line 2 decides on " : " line 1 decides on ", e.Message);
    }

    [Theory]
    [InlineData("publickey,keyboard-interactive", true)]
    [InlineData("publickey,password", true)]
    [InlineData("publickey,keyboard-interactive:pam password", true)]
    [InlineData("publickey,password publickey", false)]
    [InlineData("any", false)]
    public void A_no_with_which_sshd_would_not_start_is_a_failure_that_names_the_line(string methods, bool fails)
    {
        _root.With(Main, Include).With("/etc/ssh/sshd_config.d/50-mfa.conf", $"# MFA\nAuthenticationMethods {methods}\n");
        Plan(true);
        _planned.StartOver();
        if (!fails)
        {
            Plan(false);
            return;
        }

        ProvisioningException e = Assert.Throws<ProvisioningException>(() => Plan(false));
        Assert.Equal(Failure.Sshd, e.Failure);
        Assert.StartsWith("'/etc/ssh/sshd_config.d/50-mfa.conf' line 2: AuthenticationMethods asks for a password in every list", e.Message);
    }

    [Theory]
    [InlineData("Match Address 0.0.0.0/0\nPasswordAuthentication yes\n", 2)]
    [InlineData("Match User git\n\n  KbdInteractiveAuthentication yes\n", 3)]
    [InlineData("Match User git\nPasswordAuthentication no\n", 0)]
    [InlineData("PasswordAuthentication yes\n", 0)]
    public void A_Match_that_takes_passwords_all_the_same_is_named(string content, int line)
    {
        _root.With(Main, Include).With("/etc/ssh/sshd_config.d/50-a.conf", content);
        Plan(true);
        Assert.Equal("", _planned.Warnings);
        _planned.StartOver();
        Plan(false);
        Assert.Equal(
            line == 0 ? "" : $"'/etc/ssh/sshd_config.d/50-a.conf' line {line}: passwords are taken all the same where this Match applies",
            _planned.Warnings);
    }

    [Fact]
    public void A_yes_that_another_file_overrules_is_a_warning()
    {
        _root.With(Main, Include).With("/etc/ssh/sshd_config.d/00-a.conf", "PasswordAuthentication no\n");
        Plan(true);
        Assert.Contains("'/etc/ssh/sshd_config.d/00-a.conf' line 1 decides on PasswordAuthentication", _planned.Warnings);
    }

    [Fact]
    public void Where_the_vendors_file_counts_none_is_made_that_would_hide_it()
    {
        _root.With("/usr/etc/ssh/sshd_config", Include + "PasswordAuthentication yes\n");
        Plan(false);
        Assert.NotNull(_planned.Content(DropIn));
        Assert.Null(_planned.Content(Main));
    }

    [Fact]
    public void A_file_in_a_store_of_packages_is_left_alone()
    {
        _root.With("/nix/store/x/sshd_config", "PasswordAuthentication no\nKbdInteractiveAuthentication no\n")
            .WithLink(Main, "/nix/store/x/sshd_config");
        Plan(false);
        Assert.Empty(_planned.Lines());
        Assert.Contains("store of packages", _planned.Warnings);
        _root.With("/nix/store/x/sshd_config", "PasswordAuthentication yes\n");
        _planned.StartOver();
        Assert.Throws<IOException>(() => Plan(false));
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

    /// <summary>The settings alone, without the comments that keep what the image had.</summary>
    private static string? WithoutMarks(string? content) => content is null ? null : string.Join(
        '\n', Array.FindAll(content.Split('\n'), line => !line.StartsWith("# Written by azprovision: \"", StringComparison.Ordinal)));

    private void Plan(bool? passwords) => SshdSettings.Plan(_planned.Root, passwords);
}
