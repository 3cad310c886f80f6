using System;
using System.IO;
using Azprovision.Accounts;
using Azprovision.Spec;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Accounts;

public sealed class SudoRuleTests : IDisposable
{
    private const string Comment = "# Written by azprovision for the user that the platform named.\n";

    private readonly TempRoot _root = new();
    private readonly Planned _planned;

    public SudoRuleTests() => _planned = new Planned(_root);

    public void Dispose() => _root.Dispose();

    // ConsumerTests has visudo and doas judge the same names.
    [Theory]
    [InlineData("linus", true, "linus ALL=(ALL) ALL", "permit persist linus")]
    [InlineData("linus", false, "linus ALL=(ALL) NOPASSWD:ALL", "permit nopass linus")]
    [InlineData("a-1", false, "a-1 ALL=(ALL) NOPASSWD:ALL", "permit nopass a-1")]
    [InlineData("a.b-c_1", false, "\"a.b-c_1\" ALL=(ALL) NOPASSWD:ALL", "permit nopass a.b-c_1")]
    [InlineData("10.0.0.1", true, "\"10.0.0.1\" ALL=(ALL) ALL", "permit persist 10.0.0.1")]
    [InlineData("sha256", true, "\"sha256\" ALL=(ALL) ALL", "permit persist sha256")]
    [InlineData("ALL", true, "\"ALL\" ALL=(ALL) ALL", "permit persist ALL")]
    [InlineData("LINUS_1", true, "\"LINUS_1\" ALL=(ALL) ALL", "permit persist LINUS_1")]
    [InlineData("Defaults", true, "\"Defaults\" ALL=(ALL) ALL", "permit persist Defaults")]
    [InlineData("User_Alias", true, "\"User_Alias\" ALL=(ALL) ALL", "permit persist User_Alias")]
    [InlineData("sudoedit", true, "\"sudoedit\" ALL=(ALL) ALL", "permit persist sudoedit")]
    [InlineData("permit", true, "permit ALL=(ALL) ALL", "permit persist \"permit\"")]
    [InlineData("nopass", false, "nopass ALL=(ALL) NOPASSWD:ALL", "permit nopass \"nopass\"")]
    public void A_name_that_means_something_else_there_is_quoted(string name, bool needsPassword, string sudo, string doas)
    {
        Assert.Equal(sudo, SudoRule.SudoersRule(name, needsPassword));
        Assert.Equal(doas, SudoRule.DoasRule(name, needsPassword));
    }

    [Theory]
    [InlineData(nameof(SudoPolicy.Auto), true, "linus ALL=(ALL) ALL\n")]
    [InlineData(nameof(SudoPolicy.Auto), false, "linus ALL=(ALL) NOPASSWD:ALL\n")]
    [InlineData(nameof(SudoPolicy.Password), false, "linus ALL=(ALL) ALL\n")]
    [InlineData(nameof(SudoPolicy.NoPassword), true, "linus ALL=(ALL) NOPASSWD:ALL\n")]
    public void The_mode_or_the_password_decides(string mode, bool hasPassword, string rule)
    {
        _root.WithDirectory("/etc/sudoers.d");
        Plan(Enum.Parse<SudoPolicy>(mode), hasPassword);
        Assert.Equal(["create /etc/sudoers.d/90-azprovision 0440 0:0"], _planned.Lines());
        Assert.Equal(Comment + rule, _planned.Content("/etc/sudoers.d/90-azprovision"));
    }

    [Theory]
    [InlineData("#includedir /etc/sudoers.d\n", null)]
    [InlineData("@includedir /etc/sudoers.d", null)]
    [InlineData("  @includedir\t\"/etc/sudoers.d/\" \r\n", null)]
    [InlineData("", "#includedir /etc/sudoers.d\n")]
    [InlineData("root ALL=(ALL) ALL", "root ALL=(ALL) ALL\n#includedir /etc/sudoers.d\n")]
    [InlineData("# #includedir /etc/sudoers.d\n", "# #includedir /etc/sudoers.d\n#includedir /etc/sudoers.d\n")]
    [InlineData("#include /etc/sudoers.d\n", "#include /etc/sudoers.d\n#includedir /etc/sudoers.d\n")]
    [InlineData("#includedir /etc/sudoers.d2\n", "#includedir /etc/sudoers.d2\n#includedir /etc/sudoers.d\n")]
    public void The_main_file_includes_the_directory_in_the_end(string before, string? after)
    {
        _root.With("/etc/sudoers", before);
        Plan(SudoPolicy.Auto);
        Assert.Equal(after, _planned.Content("/etc/sudoers"));
        Assert.Equal("create /etc/sudoers.d 0750 0:0", _planned.Lines()[0]);
        _planned.Apply();
        Plan(SudoPolicy.Auto);
        Assert.Empty(_planned.Lines());
    }

    [Theory]
    [InlineData("@includedir /etc/sudoers.d\n", null)]
    [InlineData("Defaults x\n", "Defaults x\n#includedir /etc/sudoers.d\n")]
    public void The_vendors_main_file_is_sudo_too_and_stays_as_it_is(string vendors, string? ours)
    {
        _root.With("/usr/etc/sudoers", vendors);
        Plan(SudoPolicy.Auto);
        Assert.Equal(Comment + "linus ALL=(ALL) NOPASSWD:ALL\n", _planned.Content("/etc/sudoers.d/90-azprovision"));
        Assert.Equal(ours, _planned.Content("/etc/sudoers"));
        Assert.Null(_planned.Content("/usr/etc/sudoers"));
        _planned.Apply();
        Plan(SudoPolicy.Auto);
        Assert.Empty(_planned.Lines());
    }

    [Fact]
    public void Where_a_file_is_in_the_directorys_place_the_main_file_has_the_rule()
    {
        _root.With("/etc/sudoers", "root ALL=(ALL) ALL\n").With("/etc/sudoers.d", "");
        Plan(SudoPolicy.Auto);
        Assert.Equal($"root ALL=(ALL) ALL\n{Comment}linus ALL=(ALL) NOPASSWD:ALL\n", _planned.Content("/etc/sudoers"));
        Assert.Single(_planned.Lines());
    }

    [Fact]
    public void Where_sudo_is_doas_is_a_nicety()
    {
        _root.WithDirectory("/etc/sudoers.d").WithLink("/etc/doas.conf", "/nix/store/x").With("/nix/store/x", "");
        Plan(SudoPolicy.Auto);
        Assert.Contains("store of packages that is not written to, ignoring", _planned.Warnings, StringComparison.Ordinal);
        Assert.NotNull(_planned.Content("/etc/sudoers.d/90-azprovision"));
    }

    [Theory]
    [InlineData("Defaults targetpw\n", true, true)]
    [InlineData("Defaults env_reset,rootpw # why\n", true, true)]
    [InlineData("Defaults \\\n  runaspw\n", true, true)]
    [InlineData("@include /etc/sudoers.more\n", true, true)]
    [InlineData("Defaults targetpw\n", false, false)]
    [InlineData("# Defaults targetpw\nDefaults !targetpw\n", true, false)]
    [InlineData("Defaults targetpw\nDefaults !targetpw\n", true, false)]
    public void The_password_is_the_users_own(string before, bool hasPassword, bool isSaid)
    {
        _root.With("/etc/sudoers", $"{before}@includedir sudoers.d\n").With("/etc/sudoers.more", "Defaults targetpw\n");
        Plan(SudoPolicy.Auto, hasPassword);
        string content = _planned.Content("/etc/sudoers.d/90-azprovision")!;
        Assert.Equal(isSaid, content.Contains("Defaults:linus !targetpw, !rootpw, !runaspw\n", StringComparison.Ordinal));
        Assert.Null(_planned.Content("/etc/sudoers"));
        Assert.Equal("", _planned.Warnings);
    }

    [Theory]
    [InlineData("ALL ALL=(ALL) ALL", false, true)]
    [InlineData("%wheel, eve ALL = (ALL) ALL", false, true)]
    [InlineData("linus ALL=(ALL) NOPASSWD: /bin/ls", false, true)]
    [InlineData("Defaults targetpw", true, true)]
    [InlineData("Defaults targetpw", false, false)]
    [InlineData("%wheel ALL=(ALL:ALL) ALL", true, false)]
    [InlineData("%wheel ALL=(ALL) NOPASSWD: ALL", false, false)]
    [InlineData("eve ALL=(ALL) ALL", false, false)]
    [InlineData("# linus ALL=(ALL) ALL", false, false)]
    public void What_comes_after_our_rule_and_counts_instead_is_named(string line, bool hasPassword, bool warns)
    {
        _root.With("/etc/sudoers", $"@includedir /etc/sudoers.d\n{line}\n").With("/etc/group", "wheel:x:10:linus\n");
        Plan(SudoPolicy.Auto, hasPassword);
        Assert.Equal(
            warns ? "'/etc/sudoers' line 2 comes after our rule for 'linus' and counts instead where it applies" : "", _planned.Warnings);
    }

    [Fact]
    public void A_directory_in_which_sudo_reads_nothing_is_named()
    {
        _root.With("/etc/sudoers", "").WithDirectory("/etc/sudoers.d").WithMode("/etc/sudoers.d", (UnixFileMode)0x1FF);
        Plan(SudoPolicy.Auto);
        Assert.Contains("'/etc/sudoers.d' can be written to by everybody", _planned.Warnings);
    }

    [Fact]
    public void Without_sudo_and_doas_nothing_is_written()
    {
        Plan(SudoPolicy.Auto);
        Assert.Empty(_planned.Lines());
    }

    [Theory]
    [InlineData("/etc/doas.d/site.conf")]
    [InlineData("/etc/doas.d/azprovision.conf")]
    public void Doas_gets_a_file_of_its_own_in_its_directory(string present)
    {
        _root.With(present, "permit :wheel\n");
        Plan(SudoPolicy.Auto, hasPassword: true);
        Assert.Equal(Comment + "permit persist linus\n", _planned.Content("/etc/doas.d/azprovision.conf"));
        Assert.Single(_planned.Lines());
    }

    [Theory]
    [InlineData("/etc/doas.d/site.conf", false)]
    [InlineData("/etc/doas.d/azprovision.conf", true)]
    [InlineData("/etc/nothing", true)]
    public void The_main_file_of_doas_has_the_rule_too_unless_its_directory_is_in_use(string present, bool hasRule)
    {
        _root.With("/etc/doas.conf", "deny linus").With(present, "");
        Plan(SudoPolicy.NoPassword);
        Assert.Equal(Comment + "permit nopass linus\n", _planned.Content("/etc/doas.d/azprovision.conf"));
        Assert.Equal(hasRule ? $"deny linus\n{Comment}permit nopass linus\n" : null, _planned.Content("/etc/doas.conf"));
    }

    [Fact]
    public void The_rule_in_the_main_file_of_doas_is_there_once_and_changed_in_place()
    {
        _root.With("/etc/doas.conf", $"{Comment}permit nopass linus\npermit :wheel\n");
        Plan(SudoPolicy.NoPassword);
        Assert.Null(_planned.Content("/etc/doas.conf"));
        _planned.StartOver();
        Plan(SudoPolicy.Password);
        Assert.Equal($"{Comment}permit persist linus\npermit :wheel\n", _planned.Content("/etc/doas.conf"));
    }

    [Theory]
    [InlineData("permit nopass linus", "")]
    [InlineData("permit nopass linus\n", "")]
    [InlineData("permit :wheel\n", "permit :wheel\n")]
    public void Only_our_rule_goes_with_its_comment(string below, string after)
    {
        _root.With("/etc/doas.conf", Comment + below);
        SudoRule.PlanRemoval(_planned.Root);
        Assert.Equal(after, _planned.Content("/etc/doas.conf"));
    }

    [Fact]
    public void None_takes_our_rules_away_and_leaves_the_others()
    {
        _root.With("/etc/sudoers", "#includedir /etc/sudoers.d\n").With("/etc/sudoers.d/90-azprovision", "x")
            .With("/etc/sudoers.d/90-cloud", "y").With("/etc/doas.d/azprovision.conf", "z")
            .With("/etc/doas.conf", $"a\n{Comment}permit nopass linus\nb\n");
        Plan(SudoPolicy.None);
        Assert.Equal(
            ["remove /etc/sudoers.d/90-azprovision", "remove /etc/doas.d/azprovision.conf", "replace /etc/doas.conf"],
            Array.ConvertAll(_planned.Lines(), line => string.Join(' ', line.Split(' ')[..2])));
        Assert.Equal("a\nb\n", _planned.Content("/etc/doas.conf"));
    }

    private void Plan(SudoPolicy mode, bool hasPassword = false) => SudoRule.Plan(
        _planned.Root,
        new Account("linus", 1000, 1000, "/home/linus", "/bin/sh", IsNew: true, hasPassword),
        mode);
}
