using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Accounts;
using Azprovision.Spec;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Accounts;

public sealed class UserAccountTests : IDisposable
{
    private const string Password = "correct horse";
    private const string Root = "root:x:0:0:root:/root:/bin/sh\n";
    private const string Linus = "linus:x:1000:1000::/home/linus:/bin/bash\n";
    private const string Hash =
        "$6$Ab3dEf9hJk$4Pg5In7e9vPN09yaenhJVN7VfVv9NrPd0yTe3.zZZRk/VUg6Dqscpg.ptDVcVoQjLPqeK8s.vyajLcmP8c8iJ1";

    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f grace@laptop";

    private readonly TempRoot _root = new();
    private readonly Planned _planned;
    private readonly LogFile _log = new();

    public UserAccountTests() => _planned = new Planned(_root);

    public void Dispose()
    {
        _root.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void A_new_user_is_made_in_the_order_that_leaves_no_entry_without_its_parts()
    {
        Debian();
        Account account = Plan(Password, ["sudo", "docker"]);
        Assert.Equal(
            new Account("linus", 1001, 1001, "/home/linus", "/bin/bash", IsNew: true, HasPassword: true),
            account with { PasswordHash = null, Group = null, Groups = [] });
        Assert.Equal(["sudo", "linus"], account.Groups);
        Assert.Equal(
            [
                "/home", "/home/linus", "/home/linus/.bashrc", "/home/linus/.config", "/home/linus/.config/a", "/home/linus/.profile",
                "/etc/group-", "/etc/gshadow-", "/etc/subuid-", "/etc/shadow-", "/etc/passwd-",
                "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/shadow", "/etc/passwd",
            ],
            Array.ConvertAll(_planned.Lines(), line => line.Split(' ')[1]));
        Assert.Equal(Root + "eve:x:1000:1000::/:\nlinus:x:1001:1001::/home/linus:/bin/bash\n", _planned.Content("/etc/passwd"));
        Assert.Equal("root:x:0:\nsudo:x:27:linus\nlinus:x:1001:\n", _planned.Content("/etc/group"));
        Assert.Equal("root:*::\nsudo:*::linus\nlinus:!::\n", _planned.Content("/etc/gshadow"));
        Assert.Equal("eve:100000:65536\nlinus:165536:65536\n", _planned.Content("/etc/subuid"));
        string[] fields = _planned.Content("/etc/shadow")!.Split('\n')[1].Split(':');
        Assert.Equal("18262:0:99999:7:::", string.Join(':', fields[2..]));
        Assert.True(Sha512Crypt.Matches(Encoding.UTF8.GetBytes(Password), fields[1]));
        Assert.Contains("group 'docker' is not in '/etc/group', skipping it", _log.Text);
    }

    [Fact]
    public void Home_and_skeleton_belong_to_the_user_and_keep_the_modes_of_the_skeleton()
    {
        Debian();
        Plan(null);
        Assert.Equal(
            [
                "create /home/linus 0700 1001:1001",
                "create /home/linus/.bashrc 0640 1001:1001",
                "create /home/linus/.config 0750 1001:1001",
                "create /home/linus/.config/a 0600 1001:1001",
                "create /home/linus/.profile",
            ],
            _planned.Lines().AsSpan(1, 5).ToArray());
    }

    [Fact]
    public void A_backup_has_the_old_content_and_mode()
    {
        Debian();
        Plan(null);
        Assert.Equal("root:*:1::::::\n", _planned.Content("/etc/shadow-"));
        Assert.Contains(_planned.Lines(), line => line.StartsWith("create /etc/shadow- 0640 ", StringComparison.Ordinal));
        Assert.Contains(_planned.Lines(), line => line.StartsWith("append /etc/shadow 0640 ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_second_run_finds_nothing_to_do_in_the_account_files()
    {
        Debian();
        Plan(Password, ["sudo"]);
        _planned.Apply();
        Account account = Plan(Password, ["sudo"]);
        Assert.Equal((1001u, false, true), (account.Uid, account.IsNew, account.HasPassword));
        Assert.Empty(_planned.Lines());
    }

    [Fact]
    public void Nor_does_one_at_a_later_day_where_no_password_ages()
    {
        Debian();
        Plan(null);
        _planned.Apply();
        Plan(null, time: new FixedTime(2031, 1, 1));
        Assert.Empty(_planned.Lines());
    }

    // What a run leaves that is killed after so many of its renames.
    [Theory]
    [InlineData("/etc/group")]
    [InlineData("/etc/gshadow")]
    [InlineData("/etc/subuid")]
    [InlineData("/etc/shadow")]
    public void After_a_crash_between_two_files_the_same_account_comes_out(string lastWritten)
    {
        Debian();
        Plan(Password, ["sudo"]);
        var wanted = new Dictionary<string, string>();
        bool isDown = false;
        foreach (string path in (string[])["/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/shadow", "/etc/passwd"])
        {
            wanted[path] = _planned.Content(path)!;
            if (!isDown)
            {
                _root.With(path, wanted[path]);
            }

            isDown |= path == lastWritten;
        }

        _planned.StartOver();
        Plan(Password, ["sudo"]);
        _planned.Apply();
        foreach ((string path, string content) in wanted)
        {
            Assert.Equal(WithoutHash(content), WithoutHash(_root.Read(path)));
        }
    }

    [Fact]
    public void An_existing_user_keeps_what_it_has_and_gets_groups_and_password()
    {
        _root.With("/etc/passwd", Root + "linus:x:1500:50:Linus:/srv/l:/bin/zsh\n").WithDirectory("/srv/l")
            .With("/etc/shadow", "linus:!:1:2:3:4:5:6:\n").With("/etc/group", "staff:x:50:\nsudo:x:27:");
        Account account = Plan(null, ["sudo", "staff"]);
        Assert.Equal(
            new Account("linus", 1500, 50, "/srv/l", "/bin/zsh", IsNew: false, HasPassword: false),
            account with { PasswordHash = null, Group = null, Groups = [] });
        Assert.Equal("linus:*:18262:::::6:\n", _planned.Content("/etc/shadow"));
        Assert.Equal("staff:x:50:\nsudo:x:27:linus", _planned.Content("/etc/group"));
        Assert.Null(_planned.Content("/etc/passwd"));
        Assert.DoesNotContain(_planned.Lines(), line => line.Contains("/srv", StringComparison.Ordinal));
    }

    [Fact]
    public void An_existing_user_without_a_home_gets_one_with_the_skeleton()
    {
        Existing("!");
        Directory.Delete(_root.HostPath("/home/linus"));
        _root.With("/etc/skel/.bashrc", "rc");
        Plan(null);
        Assert.Contains("create /home/linus 0700 1000:1000", _planned.Lines());
        Assert.Equal("rc", _planned.Content("/home/linus/.bashrc"));
    }

    [Theory]
    [InlineData("!")]
    [InlineData("")]
    [InlineData("*LK*")]
    [InlineData(Hash)]
    public void Without_a_password_whatever_the_image_has_becomes_a_star(string old)
    {
        Existing(old);
        Assert.False(Plan(null).HasPassword);
        Assert.StartsWith("linus:*:18262:", _planned.Content("/etc/shadow"));
    }

    [Fact]
    public void A_hash_that_fits_the_password_stays_but_counts_as_set_today()
    {
        Existing(Hash);
        Assert.True(Plan(Password).HasPassword);
        Assert.Equal($"linus:{Hash}:18262:0:99999:7:::\n", _planned.Content("/etc/shadow"));
    }

    [Theory]
    [InlineData("!", true, "*")]
    [InlineData("!!", true, "*")]
    [InlineData("!*", true, "*")]
    [InlineData("!", false, null)]
    [InlineData("*", true, null)]
    [InlineData("", true, null)]
    [InlineData("!" + Hash, true, null)]   // somebody's decision
    public void A_lock_on_no_password_is_lifted_for_a_key(string old, bool hasKey, string? field)
    {
        foreach (bool setsPassword in (bool[])[true, false])
        {
            Existing(old);
            Plan(null, keepsPassword: true, setsPassword: setsPassword, key: hasKey ? Key : null);
            Assert.Equal(field is null ? null : $"linus:{field}:18262::::::\n", _planned.Content("/etc/shadow"));
            _planned.StartOver();
        }

        Assert.Equal(old.Length > 9, _log.Text.Contains("'linus' is locked with '!'", StringComparison.Ordinal));
    }

    [Fact]
    public void What_shadow_has_of_a_user_who_is_gone_is_not_the_new_ones()
    {
        _root.With("/etc/passwd", Root).With("/etc/shadow", "linus:!:19000:0:90:7:30:100:\nroot:*:1::::::\n");
        Plan(null);
        Assert.Equal("root:*:1::::::\nlinus:*:18262::::::\n", _planned.Content("/etc/shadow"));
    }

    [Fact]
    public void A_password_of_a_user_who_is_gone_is_not_the_new_ones()
    {
        _root.With("/etc/passwd", Root).With("/etc/shadow", $"linus:{Hash}:19000:0:90:7:::\n");
        Assert.False(Plan(null, keepsPassword: true).HasPassword);
        Assert.Equal("linus:*:18262::::::\n", _planned.Content("/etc/shadow"));
    }

    [Fact]
    public void A_password_that_is_not_known_any_more_stays()
    {
        Existing(Hash);
        Assert.True(Plan(null, keepsPassword: true).HasPassword);
        Assert.Null(_planned.Content("/etc/shadow"));
    }

    [Fact]
    public void A_step_that_is_left_out_changes_nothing_of_its_own()
    {
        Existing("!");
        Plan(Password, ["sudo"], setsPassword: false);
        Assert.Null(_planned.Content("/etc/shadow"));
        Assert.Equal("sudo:x:27:linus\n", _planned.Content("/etc/group"));
        _planned.StartOver();
        Plan(Password, ["sudo"], makesUser: false);
        Assert.NotNull(_planned.Content("/etc/shadow"));
        Assert.Null(_planned.Content("/etc/group"));
    }

    [Fact]
    public void A_new_user_without_the_password_step_can_use_keys()
    {
        _root.With("/etc/passwd", Root).With("/etc/shadow", "root:*:1::::::\n");
        Assert.False(Plan(Password, setsPassword: false).HasPassword);
        Assert.Equal("root:*:1::::::\nlinus:*:18262::::::\n", _planned.Content("/etc/shadow"));
    }

    [Fact]
    public void Without_shadow_the_hash_goes_into_passwd()
    {
        _root.With("/etc/passwd", "root::0:0:root:/root:/bin/sh\n");
        Plan(Password);
        string[] fields = _planned.Content("/etc/passwd")!.Split('\n')[1].Split(':');
        Assert.True(Sha512Crypt.Matches(Encoding.UTF8.GetBytes(Password), fields[1]));
        Assert.Null(_planned.Content("/etc/shadow"));
    }

    [Fact]
    public void An_account_outside_shadow_moves_into_it()
    {
        _root.With("/etc/passwd", $"linus:{Hash}:1000:1000::/:/bin/sh\n").With("/etc/shadow", "");
        Plan("another");
        Assert.Equal("linus:x:1000:1000::/:/bin/sh\n", _planned.Content("/etc/passwd"));
        Assert.StartsWith("linus:$6$", _planned.Content("/etc/shadow"));
    }

    [Fact]
    public void A_root_without_accounts_gets_the_three_files()
    {
        Account account = Plan(null);
        Assert.Equal((1000u, "/bin/sh"), (account.Uid, account.Shell));
        Assert.Equal(
            [
                "create /home 0755 0:0",
                "create /home/linus 0700 1000:1000",
                "create /etc 0755 0:0",
                "create /etc/group 0644 0:0",
                "create /etc/shadow 0600 0:0",
                "create /etc/passwd 0644 0:0",
            ],
            _planned.Lines());
    }

    [Theory]
    [InlineData("", "root:x:0:\n", 1000u, 1000u)]
    [InlineData("a:x:1000:1:::\nb:x:1002:1:::\n", "x:x:1001:\n", 1003u, 1003u)]
    [InlineData("", "linus:x:1234:\n", 1234u, 1234u)]
    [InlineData("a:x:1234:1:::\n", "linus:x:1234:\n", 1000u, 1234u)]
    [InlineData("", "linus:x:50:\n", 1000u, 50u)]
    [InlineData("broken:x:1000", "also:x:1001", 1002u, 1002u)]
    public void The_lowest_free_id_is_taken_or_that_of_the_users_group(string passwd, string group, uint uid, uint gid)
    {
        _root.With("/etc/passwd", passwd).With("/etc/group", group);
        Assert.Equal((uid, gid), ChooseIds());
        _planned.StartOver();
        _root.With("/etc/passwd", "").With("/etc/group", "").With("/usr/lib/passwd", passwd).With("/usr/lib/group", group);
        Assert.Equal((uid, gid), ChooseIds());
    }

    [Fact]
    public void A_group_of_the_vendors_gets_its_member_in_a_line_of_ours()
    {
        _root.With("/etc/passwd", Root).With("/etc/group", "root:x:0:\n")
            .With("/usr/lib/passwd", "dbus:x:81:81::/:/sbin/nologin\n").With("/usr/lib/group", "wheel:x:10:core\nadm:x:4:\n");
        Plan(null, ["wheel"]);
        Assert.Equal("root:x:0:\nlinus:x:1000:\nwheel:x:10:core,linus\n", _planned.Content("/etc/group"));
    }

    [Fact]
    public void A_login_account_of_the_vendors_is_the_one_that_is_meant()
    {
        _root.With("/etc/passwd", Root).With("/etc/shadow", "")
            .With("/usr/lib/passwd", "linus:x:500:500:Core:/home/linus:/bin/bash\n").WithDirectory("/home/linus");
        Account account = Plan(Password);
        Assert.Equal((500u, false, true), (account.Uid, account.IsNew, account.HasPassword));
        Assert.Equal(Root + "linus:x:500:500:Core:/home/linus:/bin/bash\n", _planned.Content("/etc/passwd"));
    }

    [Theory]
    [InlineData("/bin/zsh", true)]
    [InlineData("/bin/bash", false)]
    [InlineData("", false)]
    public void A_shell_that_is_not_installed_is_named(string shell, bool warns)
    {
        Existing("*");
        _root.With("/etc/passwd", Linus.Replace("/bin/bash", shell, StringComparison.Ordinal)).With("/bin/bash", "");
        Plan(null);
        Assert.Equal(warns, _log.Text.Contains("'linus' has the login shell '/bin/zsh', which is not there", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("linus:x:1000:1000::/home/linus:/usr/sbin/nologin\n", "", "the login shell is '/usr/sbin/nologin'")]
    [InlineData(Linus, "linus:*:1:0:99999:7::18262:\n", "the account has expired")]
    [InlineData(Linus, "linus:*:1:0:99999:7::18263:\n", null)]
    public void A_user_who_can_log_in_nowhere_is_named(string passwd, string shadow, string? warning)
    {
        _root.With("/etc/passwd", Root + passwd).With("/etc/shadow", shadow).WithDirectory("/home/linus");
        Plan(null);
        Assert.Equal(warning is not null, _log.Text.Contains($"user 'linus' can log in nowhere: {warning}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("USERGROUPS_ENAB no\n", "GROUP=100\n", 100u)]
    [InlineData("USERGROUPS_ENAB no\n", "GROUP=users\n", 100u)]
    [InlineData("USERGROUPS_ENAB no\n", "GROUP=gone\n", 1000u)]
    [InlineData("USERGROUPS_ENAB no\n", "", 1000u)]
    [InlineData("USERGROUPS_ENAB yes\n", "GROUP=100\n", 1000u)]
    [InlineData("", "GROUP=100\n", 1000u)]
    public void A_user_without_a_group_of_its_own_is_in_the_common_one(string defs, string defaults, uint gid)
    {
        _root.With("/etc/passwd", Root).With("/etc/group", "users:x:100:\n")
            .With("/etc/login.defs", defs).With("/etc/default/useradd", defaults);
        Assert.Equal(gid, Plan(null).Gid);
        Assert.Equal(gid == 100 ? null : "users:x:100:\nlinus:x:1000:\n", _planned.Content("/etc/group"));
    }

    [Theory]
    [InlineData("linus:x:999:999::/:/sbin/nologin\n", "", true, "user 'linus' is a system account: its id 999 is below 1000")]
    [InlineData("linus:x:499:499::/:/bin/sh\n", "", true, "user 'linus' is a system account: its id 499 is below 1000")]
    [InlineData("linus:x:998:998::/:/bin/false\n", "", true, "user 'linus' is a system account: its id 998 is below 1000")]
    [InlineData("linus:x:65534:65534::/:/bin/sh\n", "", true, "user 'linus' is a system account: its id 65534 is above 60000")]
    [InlineData("", "", false, "user 'linus' is not in '/etc/passwd', and the step 'user' is left out")]
    [InlineData("a:x:5:5::/:\n", "UID_MIN 5\nUID_MAX 5\n", true, "user 'linus': no id from 5 to 5 is free")]
    [InlineData("linus:x:1000:1::home:\n", "", true, "the home directory 'home' is not an absolute path")]
    public void What_cannot_be_is_refused_with_the_code_of_the_step(
        string passwd, string defs, bool makesUser, string message)
    {
        _root.With("/etc/passwd", Root + passwd).With("/etc/login.defs", defs);
        ProvisioningException e = Assert.Throws<ProvisioningException>(() => Plan(null, makesUser: makesUser));
        Assert.Equal(Failure.User, e.Failure);
        Assert.Contains(message, e.Message);
    }

    [Theory]
    [InlineData("SHELL=/bin/zsh", "/bin/zsh", "/bin/zsh")]
    [InlineData("SHELL=/bin/zsh", "/bin/bash", "/bin/bash")]
    [InlineData("SHELL=/bin/gone", "/bin/bash", "/bin/bash")]
    [InlineData("", "/bin/other", "/bin/sh")]
    [InlineData("SHELL=/bin/sh", "/bin/bash", "/bin/bash")]
    [InlineData("SHELL=/usr/bin/sh", "/usr/bin/sh", "/usr/bin/sh")]
    [InlineData("SHELL=/usr/sbin/nologin", "/usr/sbin/nologin", "/bin/sh")]
    [InlineData("SHELL=/bin/false", "/bin/false", "/bin/sh")]
    public void The_shell_is_one_that_is_there(string defaults, string present, string chosen)
    {
        _root.With("/etc/default/useradd", defaults).With(present, "").WithLink("/bin/gone", "/nowhere");
        Assert.Equal(chosen, Plan(null).Shell);
    }

    [Fact]
    public void Defaults_of_the_image_decide_on_ids_home_and_aging()
    {
        _root.With("/etc/login.defs", "UID_MIN 500\nHOME_MODE 0750\nPASS_MAX_DAYS 90\n")
            .With("/etc/default/useradd", "HOME=/data/\nSKEL=/skel\nINACTIVE=30\n").With("/skel/a", "A");
        Plan(Password);
        Assert.Contains("create /data/linus 0750 500:500", _planned.Lines());
        Assert.Equal("A", _planned.Content("/data/linus/a"));
        Assert.EndsWith(":18262:0:90:7:30::\n", _planned.Content("/etc/shadow"));
    }

    [Fact]
    public void Files_that_are_in_the_home_already_stay_and_links_there_are_not_followed()
    {
        _root.With("/etc/skel/.bashrc", "skel").With("/etc/skel/.config/a", "skel").With("/etc/skel/new", "skel")
            .With("/home/linus/.bashrc", "mine").WithLink("/home/linus/.config", "/etc");
        Plan(null);
        Assert.Null(_planned.Content("/home/linus/.bashrc"));
        Assert.Null(_planned.Content("/home/linus/.config/a"));
        Assert.Equal("skel", _planned.Content("/home/linus/new"));
    }

    [Fact]
    public void What_the_skeleton_names_in_a_home_of_somebody_who_is_gone_is_the_new_users()
    {
        _root.With("/etc/skel/.bashrc", "skel").With("/etc/skel/.profile", "skel").With("/home/linus/.bashrc", "left", (UnixFileMode)0x180)
            .With("/home/linus/.profile", "roots").With("/home/linus/other", "left")
            .WithOwner("/home/linus", 1234).WithOwner("/home/linus/.bashrc", 1234).WithOwner("/home/linus/other", 1234);
        Plan(null);
        Assert.Equal("left", _planned.Content("/home/linus/.bashrc"));
        Assert.Contains("replace /home/linus/.bashrc 0600 1000:1000", _planned.Lines());
        Assert.Null(_planned.Content("/home/linus/.profile"));
        Assert.Null(_planned.Content("/home/linus/other"));
    }

    [Fact]
    public void A_clock_that_was_never_set_leaves_the_day_of_change_empty()
    {
        Plan(null, time: new FixedTime(1970, 1, 1));
        Assert.Equal("linus:*:::::::\n", _planned.Content("/etc/shadow"));
        _planned.StartOver();
        Plan(Password, time: new FixedTime(1970, 1, 1));
        Assert.EndsWith(":::::::\n", _planned.Content("/etc/shadow"));
    }

    [Fact]
    public void A_dry_run_hashes_nothing_but_shows_the_change()
    {
        Existing("!");
        Plan(Password, isDryRun: true);
        Assert.StartsWith("linus:$6$:", _planned.Content("/etc/shadow"));
    }

    [Fact]
    public void A_passwd_that_leads_nowhere_is_an_error_and_not_an_absence()
    {
        _root.WithLink("/etc/passwd", "/nowhere");
        Assert.Contains("'passwd' is a symbolic link to '/nowhere'", Assert.Throws<IOException>(() => Plan(null)).Message);
    }

    private (uint Uid, uint Gid) ChooseIds()
    {
        var accounts = new AccountFiles(_planned.Root);
        return UserAccount.ChooseIds("linus", accounts.Uids(), accounts.Gids(), accounts.GidOf("linus"), 1000, 60000);
    }

    private static string WithoutHash(string content) =>
        content.Contains("$6$", StringComparison.Ordinal) ? content[..content.IndexOf("$6$", StringComparison.Ordinal)] : content;

    private void Debian() => _root
        .With("/etc/passwd", Root + "eve:x:1000:1000::/:\n").With("/etc/shadow", "root:*:1::::::\n", (UnixFileMode)0x1A0)
        .With("/etc/group", "root:x:0:\nsudo:x:27:\n").With("/etc/gshadow", "root:*::\nsudo:*::\n", (UnixFileMode)0x1A0)
        .With("/etc/subuid", "eve:100000:65536\n").With("/bin/bash", "")
        .With("/etc/skel/.bashrc", "rc", (UnixFileMode)0x1A0).With("/etc/skel/.config/a", "a", (UnixFileMode)0x180)
        .WithLink("/etc/skel/.profile", ".bashrc").WithMode("/etc/skel/.config", (UnixFileMode)0x1E8);

    private void Existing(string hash) => _root.With("/etc/passwd", Root + Linus).WithDirectory("/home/linus")
        .With("/etc/shadow", $"linus:{hash}:1:0:99999:7:::\n").With("/etc/group", "sudo:x:27:\n");

    private Account Plan(
        string? password,
        string[]? groups = null,
        bool keepsPassword = false,
        bool makesUser = true,
        bool setsPassword = true,
        bool isDryRun = false,
        TimeProvider? time = null,
        string? key = null) =>
        UserAccount.Plan(
            _planned.Root,
            new UserSpec(
                UserName.Parse("linus"), password is null ? null : Secret.FromText(password), keepsPassword, key is null ? [] : [new(SshPublicKey.Parse(key), null)], []),
            new AccountOptions(makesUser, setsPassword, groups ?? [], isDryRun),
            time ?? new FixedTime(2020, 1, 1),
            _log.Log);
}
