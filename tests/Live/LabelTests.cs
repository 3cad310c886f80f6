using System;
using System.Text;
using Azprovision.Native;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>SELinux labels, which any file system with extended attributes keeps, whatever the running kernel makes of them.</summary>
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
    [InlineData("etc/shadow", "shadow_t")]
    [InlineData("etc/shadow-", "etc_t")]
    [InlineData("etc/sudoers.d/90-azprovision", "sudoers_dir_t")]
    [InlineData("home/grace", "user_home_dir_t")]
    [InlineData("home/grace/.ssh", "user_home_dir_t")]
    [InlineData("home/grace/.ssh/authorized_keys", "user_home_dir_t")]
    [InlineData("var/lib/azprovision", "var_lib_t")]
    public void A_new_file_has_its_neighbours_label_and_a_replaced_one_keeps_its_own(string path, string label)
    {
        SetLabel("", "root_t");
        SetLabel("etc", "etc_t");
        SetLabel("etc/passwd", "passwd_file_t");
        SetLabel("etc/shadow", "shadow_t");
        SetLabel("etc/group", "etc_t");
        SetLabel("etc/sudoers.d", "sudoers_dir_t");
        System.IO.Directory.CreateDirectory(_root.HostPath("home/other"));
        SetLabel("home", "home_root_t");
        SetLabel("home/other", "user_home_dir_t");
        SetLabel("var/lib", "var_lib_t");
        Provision();
        Assert.Equal(label, LabelOf(path));
    }

    [Fact]
    public void A_root_without_labels_gets_none()
    {
        Provision();
        Assert.Null(LabelOf("etc/shadow"));
        Assert.Null(LabelOf("home/grace"));
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
        return Libc.TryGetLabel(file.Number) is { } label ? Encoding.ASCII.GetString(label) : null;
    }

    private Descriptor Open(string path) => Libc.OpenAt(Libc.AT_FDCWD, _root.HostPath(path), Libc.O_RDONLY);
}
