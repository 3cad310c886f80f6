using System;
using System.IO;
using System.Text;
using Azprovision.Native;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>
/// SELinux labels, which any file system with extended attributes keeps, whatever the running kernel makes of them.
/// </summary>
public sealed class LabelTests : IDisposable
{
    private readonly Tree _root = new();

    public LabelTests()
    {
        string directory = Repository.PathOf("tests/Cases/debian-12-key");
        _root.Load($"{directory}/before", $"{directory}/before.list");
    }

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("etc/shadow", "own_shadow_t")]
    [InlineData("etc/shadow-", "shadow_t")]
    [InlineData("etc/hostname", "hostname_etc_t")]
    [InlineData("etc/sudoers.d/90-azprovision", "etc_t")]
    [InlineData("home/grace", "user_home_dir_t")]
    [InlineData("home/grace/.ssh", "ssh_home_t")]
    [InlineData("home/grace/.ssh/authorized_keys", "ssh_home_t")]
    [InlineData("var/lib/azprovision", "var_lib_t")]
    public void A_new_file_has_the_policys_label_and_a_replaced_one_keeps_its_own(string path, string label)
    {
        WritePolicy();
        SetLabel("", "root_t");
        SetLabel("etc", "other_t");
        SetLabel("etc/shadow", "own_shadow_t");
        SetLabel("home", "home_root_t");
        SetLabel("var/lib", "var_lib_t");
        Provision();
        Assert.Equal(label, LabelOf(path));
    }

    [Fact]
    public void Without_a_policy_a_new_file_has_its_directorys_label()
    {
        SetLabel("", "root_t");
        SetLabel("etc/shadow", "shadow_t");
        SetLabel("home", "home_root_t");
        Provision();
        Assert.Equal("shadow_t", LabelOf("etc/shadow"));
        Assert.Equal("home_root_t", LabelOf("home/grace"));
        Assert.Equal("home_root_t", LabelOf("home/grace/.ssh/authorized_keys"));
    }

    [Fact]
    public void A_root_without_labels_gets_none()
    {
        WritePolicy();
        Provision();
        Assert.Null(LabelOf("etc/shadow"));
        Assert.Null(LabelOf("home/grace"));
    }

    private void WritePolicy()
    {
        string directory = _root.HostPath("etc/selinux/default/contexts/files");
        Directory.CreateDirectory(directory);
        File.WriteAllText(_root.HostPath("etc/selinux/config"), "SELINUX=enforcing\nSELINUXTYPE=default\n");
        File.WriteAllText($"{directory}/file_contexts", """
            /etc(/.*)?	etc_t
            /etc/shadow.*	--	shadow_t
            /etc/hostname	--	hostname_etc_t
            /var/lib/azprovision(/.*)?	<<none>>

            """);
        File.WriteAllText($"{directory}/file_contexts.homedirs", """
            /home/[^/]+/.+	user_home_t
            /home/[^/]+/\.ssh(/.*)?	ssh_home_t
            /home/[^/]+	-d	user_home_dir_t

            """);
    }

    private void Provision()
    {
        Tool run = Provisioning.Run(
            _root.Path, "--media", Repository.PathOf("tests/Cases/debian-12-key/ovf-env.xml"), "--skip", "report");
        Assert.True(run.ExitCode == 0, run.Errors);
    }

    private void SetLabel(string path, string label)
    {
        using Descriptor file = Open(path);
        Libc.SetLabel(file.Number, Encoding.ASCII.GetBytes(label), path);
    }

    private string? LabelOf(string path)
    {
        using Descriptor file = Open(path);
        return Libc.TryGetLabel(file.Number) is { } label ? Encoding.ASCII.GetString(label).TrimEnd('\0') : null;
    }

    private Descriptor Open(string path) => Libc.OpenAt(Libc.AT_FDCWD, _root.HostPath(path), Libc.O_RDONLY);
}
