using System;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Native;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>A generalized image has no SSH host keys: its own ssh-keygen makes them, or nothing does.</summary>
public sealed class HostKeyTests : IDisposable
{
    private static readonly string[] s_made =
    [
        "ssh_host_ecdsa_key", "ssh_host_ecdsa_key.pub", "ssh_host_ed25519_key", "ssh_host_ed25519_key.pub",
        "ssh_host_rsa_key", "ssh_host_rsa_key.pub",
    ];

    private readonly OpenSshRoot _root = new();
    private readonly ScriptedServer _platform = AzurePlatform.Healthy(new ScriptedServer());

    public void Dispose()
    {
        _platform.Dispose();
        _root.Dispose();
    }

    [Fact]
    public void Missing_ones_are_made_before_Ready_and_sshd_takes_them()
    {
        Label("", "root_t");
        Write("etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=default\n");
        Write("etc/selinux/default/contexts/files/file_contexts", "/etc/ssh/ssh_host_.*	--	sshd_key_t\n");
        Assert.NotEqual(0, _root.CheckSshd().ExitCode);

        Tool rehearsal = Run("--dry-run");
        string listed = string.Concat(rehearsal.Output.Where(c => !char.IsWhiteSpace(c)));
        Assert.Contains("{\"path\":\"ssh-keygen-A\",\"action\":\"call\"}", listed, StringComparison.Ordinal);
        Assert.Empty(_root.HostKeys);

        Tool run = Run();
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(s_made, _root.HostKeys);
        Tool sshd = _root.CheckSshd();
        Assert.True(sshd.ExitCode == 0, sshd.Errors);
        Assert.Empty(Directory.GetFileSystemEntries(_root.HostPath("dev")));
        Assert.All(_root.HostKeys, name => Assert.Equal("sshd_key_t", LabelOf($"etc/ssh/{name}")));
        Assert.InRange(
            run.Errors.IndexOf("make SSH host keys: done", StringComparison.Ordinal),
            0,
            run.Errors.IndexOf("accepted the report 'Ready'", StringComparison.Ordinal));
        Assert.Contains("SSH host key: 256 SHA256:", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ssh_host_ed25519_key", "")]
    [InlineData("other_key", "HostKey /etc/ssh/none\nHostKey /etc/ssh/other_key\n")]
    [InlineData(null, "", "--host-keys", "keep")]
    [InlineData(null, "", "--skip", "sshd")]
    public void Where_there_is_one_or_none_is_wanted_no_program_is_started(
        string? key, string configuration, params string[] arguments)
    {
        if (key is not null)
        {
            Write($"etc/ssh/{key}", "key");
        }

        File.AppendAllText(_root.HostPath("etc/ssh/sshd_config"), configuration);
        string trace = _root.Path + ".trace";
        Tool run = Tool.Try("strace", ["-f", "-qq", "-o", trace, "-e", "trace=process", .. Command(arguments)]);
        string[] calls = File.ReadAllLines(trace);
        File.Delete(trace);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(2, calls.Count(call => call.Contains(" execve(", StringComparison.Ordinal)));   // unshare's and ours
        Assert.Equal(key is null or "other_key" ? [] : [key], _root.HostKeys);
    }

    [Fact]
    public void An_empty_one_counts_for_nothing()
    {
        Write("etc/ssh/ssh_host_rsa_key", "");
        Tool run = Run();
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(s_made, _root.HostKeys);
    }

    [Fact]
    public void Those_of_the_image_can_be_made_anew()
    {
        Write("etc/ssh/ssh_host_rsa_key", "old");
        Write("etc/ssh/ssh_host_dsa_key.pub", "old");
        Tool run = Run("--host-keys", "generate");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(s_made, _root.HostKeys);
        Assert.DoesNotContain("old", File.ReadAllText(_root.HostPath("etc/ssh/ssh_host_rsa_key")), StringComparison.Ordinal);
    }

    [Fact]
    public void Those_that_only_sshd_config_names_go_too_and_what_is_missing_then_is_told()
    {
        Write("etc/ssh/other_key", "old");
        Write("etc/ssh/other_key-cert.pub", "old");
        Write("etc/ssh/ssh_host_rsa_key-cert.pub", "old");
        File.AppendAllText(_root.HostPath("etc/ssh/sshd_config"), "HostKey /etc/ssh/other_key\nHostKey /etc/ssh/ssh_host_ed25519_key\n");
        Tool run = Run("--host-keys", "generate");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(s_made, _root.HostKeys);
        Assert.Empty(Directory.GetFiles(_root.HostPath("etc/ssh"), "other_key*"));
        Assert.Contains("'/etc/ssh/other_key' was the image's and is gone: '/usr/bin/ssh-keygen -A' does not make it", run.Errors);
        Tool sshd = _root.CheckSshd();
        Assert.True(sshd.ExitCode == 0, sshd.Errors);
    }

    [Fact]
    public void Where_none_would_come_in_their_place_those_of_the_image_stay()
    {
        Write("etc/ssh/other_key", "old");
        File.AppendAllText(_root.HostPath("etc/ssh/sshd_config"), "HostKey /etc/ssh/other_key\n");
        Tool run = Run("--host-keys", "generate");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("sshd_config names no SSH host key that 'ssh-keygen -A' makes: those of the image stay, ignoring", run.Errors);
        Assert.True(File.Exists(_root.HostPath("etc/ssh/other_key")));
    }

    [Theory]
    [InlineData("usr/bin/ssh-keygen", "sshd has no host key: the image has no 'ssh-keygen' to make them")]
    [InlineData("lib/x86_64-linux-gnu/libcrypto.so.3", "sshd has no host key: '/usr/bin/ssh-keygen' ended with exit code")]
    public void A_machine_that_only_ssh_leads_to_fails_without_any(string missing, string problem)
    {
        File.Delete(_root.HostPath(missing));
        Tool run = Run();
        Assert.True(run.ExitCode == 34, run.Errors);
        Assert.Contains($"nobody could log in: {problem}", run.Errors, StringComparison.Ordinal);
        Assert.Contains(
            "NotReady",
            string.Concat(_platform.Requests.Select(request => Encoding.UTF8.GetString(request.Body))),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("console")]
    [InlineData("no sshd")]
    [InlineData("no login wanted", "--allow-no-login")]
    public void Where_there_is_another_way_that_is_a_warning(string way, params string[] arguments)
    {
        File.Delete(_root.HostPath("usr/bin/ssh-keygen"));
        string media = "debian-12-key";
        switch (way)
        {
            case "console":
                media = "debian-12-password";
                Write("etc/inittab", "S0:2345:respawn:/sbin/getty -L ttyS0 115200 vt100\n");
                break;
            case "no sshd":
                File.Delete(_root.HostPath("usr/sbin/sshd"));
                break;
        }

        Tool run = Run(["--media", Repository.PathOf($"tests/Cases/{media}/ovf-env.xml"), .. arguments]);
        Assert.True(run.ExitCode == 0, run.Errors);
        const string Warning = "sshd has no host key: the image has no 'ssh-keygen' to make them, ignoring";
        Assert.Contains(Warning, run.Errors, StringComparison.Ordinal);
    }

    private Tool Run(params string[] arguments)
    {
        string[] command = Command(arguments);
        return Tool.Try(command[0], command[1..]);
    }

    private string[] Command(string[] arguments) =>
    [
        "unshare", "--uts", "--", Repository.Binary, "--root", _root.Path, "--network", "off", "--imds", "none", "--wireserver",
        _platform.EndPoint.ToString(), "--media", Repository.PathOf("tests/Cases/debian-12-key/ovf-env.xml"), .. arguments,
    ];

    private void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root.HostPath(path))!);
        File.WriteAllText(_root.HostPath(path), content);
    }

    private void Label(string path, string label)
    {
        using Descriptor file = Libc.OpenAt(Libc.AT_FDCWD, _root.HostPath(path), Libc.O_RDONLY);
        Libc.SetLabel(file.Number, Encoding.ASCII.GetBytes(label), path);
    }

    private string? LabelOf(string path)
    {
        using Descriptor file = Libc.OpenAt(Libc.AT_FDCWD, _root.HostPath(path), Libc.O_RDONLY);
        return Libc.TryGetLabel(file.Number) is { } label ? Encoding.ASCII.GetString(label).TrimEnd('\0') : null;
    }
}
