using System;
using System.Text;
using Azprovision.Files;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Files;

public sealed class FileContextsTests : IDisposable
{
    private const string File = "/etc/selinux/default/contexts/files/file_contexts";

    private readonly TempRoot _root =
        new TempRoot().With("/etc/selinux/config", "# \nSELINUX=enforcing\n SELINUXTYPE=default \n");

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("/etc/hostname", 'd', "etc_t")]
    [InlineData("/etc/hostname", '-', "hostname_etc_t")]
    [InlineData("/etc/ssh/ssh_host_rsa_key", '-', "sshd_key_t")]
    [InlineData("/etc/ssh/ssh_host_rsa_key", 'l', "etc_t")]
    [InlineData("/etc/ssh/sshd_config", '-', "sshd_config_t")]
    [InlineData("/etc/mtab", '-', null)]
    [InlineData("/srv", 'd', null)]
    [InlineData("/root", 'd', "root_t")]
    public void The_last_rule_of_the_kind_counts_and_a_plain_path_before_patterns(string path, char kind, string? label)
    {
        _root.With(File, """
            # comment
            /etc/ssh/sshd_config    --  sshd_config_t
            /etc/mtab   --  <<none>>
            /etc(/.*)?      etc_t
            /etc/hostname   --  hostname_etc_t
            /etc/ssh/ssh.*  --  wrong_t
            /etc/ssh/ssh_host_.*_key --     sshd_key_t
              /root  root_t
            /srv
            """);
        Assert.Equal(label, LabelFor(path, kind));
    }

    [Theory]
    [InlineData("/home/grace", "home_dir_t")]
    [InlineData("/var/home/grace", "home_dir_t")]
    [InlineData("/data/users/grace", "home_dir_t")]
    [InlineData("/data/usersgrace", "default_t")]
    [InlineData("/home/wide", "wide_t")]
    [InlineData("/a", "default_t")]
    [InlineData("/b", "b_t")]
    [InlineData("/chroot/b", "b_t")]
    [InlineData("/chroot", "default_t")]
    [InlineData("/home/jos\u00E9", "home_dir_t")]
    public void Homes_local_rules_and_other_names_are_heeded(string path, string label)
    {
        _root.With(File, "/.* default_t\n/home/.* wrong_t\n");
        _root.With($"{File}.homedirs", "/home/[^/]+ -d home_dir_t\n");
        _root.With($"{File}.local", "/home/wi.* wide_t\n/b b_t");
        _root.With($"{File}.subs_dist", "# x y\n/var/home /home\n/chroot /a\n/chroot /\n");
        _root.With($"{File}.subs", "/data/users /var/home\n\n/nothing\n");
        Assert.Equal(label, LabelFor(path, 'd'));
    }

    [Fact]
    public void A_root_without_a_policy_says_nothing() => Assert.Null(LabelFor("/etc/shadow", '-'));

    [Fact]
    public void A_policy_that_cannot_be_read_says_nothing()
    {
        _root.WithDirectory(File).WithLink($"{File}.homedirs", "/nowhere");
        Assert.Null(LabelFor("/etc/shadow", '-'));
    }

    [Fact]
    public void The_policy_is_targeted_where_nothing_else_is_said()
    {
        _root.With("/etc/selinux/config", "").With("/etc/selinux/targeted/contexts/files/file_contexts", "/a a_t\n");
        Assert.Equal("a_t", LabelFor("/a", '-'));
    }

    private string? LabelFor(string path, char kind) =>
        FileContexts.Read(_root.Files).LabelFor(path, kind) is { } label
            ? Encoding.ASCII.GetString(label).TrimEnd('\0') : null;
}
