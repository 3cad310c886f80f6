using System;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Files;
using Azprovision.Spec;
using Azprovision.Sshd;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Sshd;

public sealed class AuthorizedKeysTests : IDisposable
{
    private const string One =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f linus@heron";

    private const string Two =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP/+/fz7+vn49/b19PPy8fDv7u3s6+rp6Ofm5eTj4uHg linus@kestrel";

    private const string Usual = "/home/linus/.ssh/authorized_keys";

    private static readonly Account s_account =
        new("linus", 1000, 1001, "/home/linus", "/bin/sh", IsNew: true, HasPassword: false);

    private readonly TempRoot _root = new();
    private readonly Planned _planned;
    private readonly LogFile _log = new();

    public AuthorizedKeysTests()
    {
        _planned = new Planned(_root);
        _root.WithDirectory("/home/linus");
    }

    public void Dispose()
    {
        _root.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void A_first_key_makes_directory_and_file_for_the_user_alone()
    {
        Plan((One, null));
        Assert.Equal(["create /home/linus/.ssh 0700 1000:1001", $"create {Usual} 0600 1000:1001"], _planned.Lines());
        Assert.Equal(One + "\n", _planned.Content(Usual));
    }

    [Fact]
    public void Without_keys_nothing_is_made()
    {
        Plan();
        Assert.Empty(_planned.Lines());
    }

    [Theory]
    [InlineData("", One + "\n")]
    [InlineData("# mine", "# mine\n" + One + "\n")]
    [InlineData(Two + "\n\n", Two + "\n\n" + One + "\n")]
    [InlineData("#" + One + "\n", "#" + One + "\n" + One + "\n")]
    [InlineData("rubbish \xFF\r\n", "rubbish \xFF\r\n" + One + "\n")]
    [InlineData(One, One)]
    [InlineData("ssh-ed25519   AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\r\n", null)]
    [InlineData("command=\"echo \\\"a b\\\"\",no-pty " + One, null)]
    [InlineData("from=\"10.0.0.0/8 , x\" " + Two, "from=\"10.0.0.0/8 , x\" " + Two + "\n" + One + "\n")]
    public void Lines_that_are_there_stay_and_no_key_comes_twice(string before, string? after)
    {
        _root.With(Usual, before);
        Plan((One, null), (One.Replace("linus@heron", "another comment"), null));
        Assert.Equal(after ?? before, _planned.Content(Usual));
    }

    [Theory]
    [InlineData(".ssh/authorized_keys .ssh/authorized_keys2", Usual)]
    [InlineData("%h/.keys/%u-%U", "/home/linus/.keys/linus-1000")]
    [InlineData("/etc/ssh/keys/%u", "/etc/ssh/keys/linus")]
    [InlineData("\"/etc/ssh/%%/%u\"", "/etc/ssh/%/linus")]
    [InlineData("none", Usual)]
    public void The_file_is_the_one_that_sshd_reads(string setting, string path)
    {
        _root.With("/etc/ssh/sshd_config", $"#AuthorizedKeysFile x\nauthorizedkeysfile {setting}\nAuthorizedKeysFile y\n");
        Plan((One, null), (Two, $"$HOME/linus/.ssh/authorized_keys"));
        Assert.Equal($"{One}\n{Two}\n", _planned.Content(path));
    }

    [Theory]
    [InlineData("User other,linus", "/etc/ssh/keys/linus")]
    [InlineData("Group admins", "/etc/ssh/keys/linus")]
    [InlineData("User other", Usual)]
    [InlineData("Address 10.0.0.0/8", Usual)]
    public void A_Match_for_the_user_says_where(string match, string path)
    {
        _root.With("/etc/ssh/sshd_config", $"Match {match}\n  AuthorizedKeysFile /etc/ssh/keys/%u\n");
        Plan(s_account with { Groups = ["linus", "admins"] }, (One, null));
        Assert.Equal(One + "\n", _planned.Content(path));
    }

    [Theory]
    [InlineData("", 0x1C0u, 1000u, null)]
    [InlineData("", 0x1FFu, 1000u, "'/home/linus' can be written to by others (mode 0777)")]
    [InlineData("StrictModes no\n", 0x1FFu, 1000u, null)]
    [InlineData("", 0x1EDu, 1234u, "'/home/linus' belongs to another user (id 1234)")]
    [InlineData("", 0x1EDu, 0u, null)]
    [InlineData("", 0x1C0u, 0u, "'/home/linus' does not let 'linus' in (mode 0700)")]
    [InlineData("AuthorizedKeysFile /etc/ssh/keys/%u\n", 0x1FFu, 1234u, "'/etc/ssh/keys' does not let 'linus' in (mode 0700)")]
    public void A_way_to_the_file_that_sshd_does_not_go_is_named(string config, uint mode, uint owner, string? why)
    {
        _root.With("/etc/ssh/sshd_config", config).WithOwner("/home/linus", owner).WithMode("/home/linus", (UnixFileMode)mode)
            .WithDirectory("/etc/ssh/keys").WithMode("/etc/ssh/keys", (UnixFileMode)0x1C0);
        Plan((One, null));
        Assert.Equal(why, AuthorizedKeys.WhyUnread(_planned.Root, s_account));
    }

    [Fact]
    public void What_is_above_a_home_is_only_gone_through()
    {
        _root.WithOwner("/home/linus", 1000).WithOwner("/home", 4321).WithMode("/home", (UnixFileMode)0x1FF);
        Plan((One, null));
        Assert.Null(AuthorizedKeys.WhyUnread(_planned.Root, s_account));
        _root.WithMode("/home", (UnixFileMode)0x1C0);
        _planned.StartOver();
        Assert.Equal("'/home' does not let 'linus' in (mode 0700)", AuthorizedKeys.WhyUnread(_planned.Root, s_account));
    }

    [Theory]
    [InlineData("/home/linus/.ssh/authorized_keys", Usual, false)]
    [InlineData("$HOME/linus/.ssh/authorized_keys", Usual, false)]
    [InlineData("$HOME/.ssh/authorized_keys", Usual, false)]
    [InlineData("$HOME/linus/.ssh/more", "/home/linus/.ssh/more", false)]
    [InlineData("/srv/keys/linus", "/srv/keys/linus", false)]
    [InlineData("/srv/../etc/x", Usual, true)]
    [InlineData("relative", Usual, true)]
    [InlineData("/srv/keys/", Usual, true)]
    [InlineData("/srv/a\nb", Usual, true)]
    [InlineData("", Usual, true)]
    public void The_platforms_path_counts_when_it_is_a_wish_and_sound(string wanted, string path, bool warns)
    {
        Plan((One, wanted));
        Assert.Equal(One + "\n", _planned.Content(path));
        Assert.Equal(One + "\n", _planned.Content(Usual));   // which is where sshd looks
        Assert.Equal(warns, _log.Text.Contains($"taking '{Usual}'", StringComparison.Ordinal));
    }

    [Fact]
    public void A_comment_stays_UTF_8_and_its_key_is_known_again()
    {
        const string Line = $"{One} Łukasz à Tōkyō";
        Plan((Line, null));
        string written = _planned.Content(Usual)!;
        Assert.Equal($"{Line}\n", Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(written)));

        _root.With(Usual, written);
        Assert.True(AuthorizedKeys.HasKey(new PlannedRoot(_root.Files), s_account));
        var again = new AuthorizedKeysFile(Encoding.Latin1.GetBytes(written));
        again.Add(SshPublicKey.TryParse(Line)!);
        Assert.Equal(written, Encoding.Latin1.GetString(again.ToBytes()));
    }

    [Theory]
    [InlineData("# none yet\n\n", false)]
    [InlineData("from=\"10.0.0.0/8\" " + Two + "\n", true)]
    public void A_file_without_a_key_lets_nobody_in(string content, bool expected)
    {
        Assert.False(AuthorizedKeys.HasKey(new PlannedRoot(_root.Files), s_account));
        _root.With(Usual, content);
        Assert.Equal(expected, AuthorizedKeys.HasKey(new PlannedRoot(_root.Files), s_account));
    }

    [Fact]
    public void An_account_elsewhere_gets_the_platforms_usual_path_in_its_own_home()
    {
        Plan("/var/home/linus", (One, Usual));
        Assert.Equal(One + "\n", _planned.Content("/var/home/linus/.ssh/authorized_keys"));
    }

    [Theory]
    [InlineData("root:x:0:0::/:\n", 1)]
    [InlineData("# a\n\n" + Two + "\nPermitRootLogin yes\n", 4)]
    public void A_file_elsewhere_that_is_something_else_is_refused(string content, int line)
    {
        _root.With("/etc/passwd", content);
        ProvisioningException e = Assert.Throws<ProvisioningException>(() => Plan((One, "/etc/passwd")));
        Assert.Equal(Failure.SshKeys, e.Failure);
        Assert.Contains($"'/etc/passwd' holds no SSH keys on line {line}", e.Message);
    }

    [Fact]
    public void A_file_of_another_user_is_left_to_them()
    {
        const string Theirs = "/home/other/.ssh/authorized_keys";
        _root.With(Theirs, $"{Two}\n").WithOwner(Theirs, 4321);
        ProvisioningException e = Assert.Throws<ProvisioningException>(() => Plan((One, Theirs)));
        Assert.Equal(Failure.SshKeys, e.Failure);
        Assert.Contains($"'{Theirs}' belongs to another user (id 4321)", e.Message);
    }

    [Theory]
    [InlineData("/etc/ssh/all .ssh/authorized_keys", Usual)]
    [InlineData("/etc/ssh/all /etc/ssh/keys/%u", "/etc/ssh/keys/linus")]
    [InlineData("/keys/%u", "/keys/linus")]
    [InlineData("%h/../keys/%u", "/home/keys/linus")]
    [InlineData("%h/./x/..//.ssh/authorized_keys", Usual)]
    public void The_users_own_file_is_taken_and_what_is_above_it_stays(string setting, string path)
    {
        _root.With("/etc/ssh/sshd_config", $"AuthorizedKeysFile {setting}\n").With("/etc/ssh/all", $"{Two}\n");
        Plan((One, null));
        Assert.Equal(One + "\n", _planned.Content(path));
        Assert.Contains($"create {path} 0600 1000:1001", _planned.Lines());
        Assert.DoesNotContain(_planned.Lines(), line => line.Contains(" /home ", StringComparison.Ordinal) || line.Contains("/etc/ssh/all", StringComparison.Ordinal));
        Assert.DoesNotContain(_planned.Lines(), line => path != Usual && line.Contains(" 0700 ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_for_all_users_keeps_owner_and_mode()
    {
        _root.With("/etc/ssh/sshd_config", "AuthorizedKeysFile /etc/ssh/all\n")
            .With("/etc/ssh/all", $"{Two}\n", (UnixFileMode)0x1A4);
        Plan((One, null));
        Assert.Equal($"{Two}\n{One}\n", _planned.Content("/etc/ssh/all"));
        Assert.Equal(["append /etc/ssh/all 0644 0:0"], _planned.Lines());
        Assert.Contains("sshd reads '/etc/ssh/all' for all users", _log.Text);
    }

    [Fact]
    public void Roots_file_stays_roots()
    {
        _root.With("/root/.ssh/authorized_keys", $"{Two}\n", (UnixFileMode)0x180);
        Plan((One, "/root/.ssh/authorized_keys"));
        Assert.Equal("append /root/.ssh/authorized_keys 0600 0:0", _planned.Lines()[0]);
    }

    [Fact]
    public void A_path_at_the_top_is_a_path()
    {
        Plan((One, "/x"));
        Assert.Equal("create /x 0600 1000:1001", _planned.Lines()[0]);
    }

    [Fact]
    public void The_root_is_nobodys_home()
    {
        _root.With("/etc/ssh/sshd_config", "AuthorizedKeysFile /etc/ssh/keys/%u\n");
        Plan("/", (One, null));
        Assert.Equal(["create /etc/ssh/keys 0755 0:0", "create /etc/ssh/keys/linus 0600 1000:1001"], _planned.Lines());
    }

    [Theory]
    [InlineData("")]
    [InlineData("home")]
    public void Without_a_home_there_is_no_place_for_keys(string home)
    {
        ProvisioningException e = Assert.Throws<ProvisioningException>(() => Plan(home, (One, null)));
        Assert.Equal(Failure.SshKeys, e.Failure);
        Assert.Contains($"the home directory '{home}' is not an absolute path", e.Message);
        Assert.Empty(_planned.Lines());
    }

    [Theory]
    [InlineData("/home/linus/.ssh", "/etc")]
    [InlineData("/home/linus/.ssh", "../other")]
    [InlineData(Usual, "/etc/shadow")]
    [InlineData(Usual, "elsewhere")]
    public void A_link_of_the_users_is_not_followed(string link, string target)
    {
        _root.With("/etc/shadow", "").WithDirectory("/home/other").WithLink(link, target);
        string message = Assert.Throws<IOException>(() => Plan((One, null))).Message;
        Assert.Contains($"'{Usual}': '{Path.GetFileName(link)}' is a symbolic link to '{target}'", message);
    }

    private void Plan(params (string Line, string? Path)[] keys) => Plan("/home/linus", keys);

    private void Plan(string home, params (string Line, string? Path)[] keys) => Plan(s_account with { Home = home }, keys);

    private void Plan(Account account, params (string Line, string? Path)[] keys) => AuthorizedKeys.Plan(
        _planned.Root,
        account,
        keys.Select(key => new AuthorizedKey(SshPublicKey.ParseAll(key.Line, [])[0], key.Path)).ToList(),
        _log.Log);
}
