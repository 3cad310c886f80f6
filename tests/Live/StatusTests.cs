using System;
using System.Diagnostics;
using System.IO;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>What became of a root, as "azprovision status" tells it.</summary>
public sealed class StatusTests : IDisposable
{
    private const string VmId = "f46c5e2c-8fd1-4a8a-a4b2-5b7b0d2c7a11";
    private const string State = "var/lib/azprovision";
    private const string AnotherBoot = "00000000-0000-4000-8000-000000000000";

    private static readonly string s_media = Repository.PathOf("tests/Cases/one-file-two-names/ovf-env.xml");

    private readonly Tree _root = new();

    public StatusTests()
    {
        string directory = Repository.PathOf("tests/Cases/one-file-two-names");
        _root.Load($"{directory}/before", $"{directory}/before.list");
        Write("sys/class/dmi/id/product_uuid", VmId);
        Write("sys/class/dmi/id/chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77");
        Directory.CreateDirectory(_root.HostPath("sys/firmware/efi"));
        Directory.CreateDirectory(_root.HostPath("run"));
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_run_that_fails_leaves_its_reason_until_one_succeeds()
    {
        AssertStatus(0, "status: not provisioned\n");

        Write("broken.xml", "<Environment>");
        Assert.Equal(11, Provision("--media", _root.HostPath("broken.xml")).ExitCode);
        Tool failed = Status();
        Assert.Equal(1, failed.ExitCode);
        Assert.Matches("^status: failed\nreason: read the provisioning media: .*ovf-env.xml.* \\(11\\)\n$", failed.Output);
        Assert.Equal(_root.Read($"{State}/{VmId}.failed"), _root.Read("run/azprovision/failed"));
        Assert.EndsWith($"\n{File.ReadAllText("/proc/sys/kernel/random/boot_id")}", _root.Read("run/azprovision/failed"), StringComparison.Ordinal);
        Assert.Contains($"0600 0:0 f {State}/{VmId}.failed", _root.Listing());
        Assert.Contains("0644 0:0 f run/azprovision/failed", _root.Listing());
        string start = $$"""{"status":"failed","vmId":"{{VmId}}","reason":"read the provisioning media: """;
        Assert.StartsWith(start, Status("--json").Output, StringComparison.Ordinal);
        // What the next boot has.
        Directory.Delete(_root.HostPath("run/azprovision"), recursive: true);
        Assert.Equal(failed.Output, Status().Output);

        Tool run = Provision("--media", s_media);
        Assert.True(run.ExitCode == 0, run.Errors);
        AssertStatus(0, "status: done\n");
        AssertStatus(0, $$"""{"status":"done","vmId":"{{VmId}}","reason":null,"code":0}{{'\n'}}""", "--json", "--wait");
        Assert.Empty(Directory.GetFiles(_root.HostPath(State), "*.failed"));

        Assert.Equal(11, Provision("--force", "--media", _root.HostPath("broken.xml")).ExitCode);
        Tool later = Status();
        Assert.Equal(2, later.ExitCode);
        Assert.StartsWith("status: done\nreason: ", later.Output, StringComparison.Ordinal);
        Assert.Equal(0, Provision().ExitCode);   // as at the next boot
        AssertStatus(0, "status: done\n");
    }

    [Theory]
    [InlineData($"{VmId}.provisioned", "status: done\n")]
    [InlineData("2C5E6CF4-D18F-8A4A-A4B2-5B7B0D2C7A11.provisioned", "status: done\n")]   // the other byte order
    [InlineData("00000000-1111-2222-3333-444444444444.provisioned", "status: not provisioned\n")]
    [InlineData("00000000-1111-2222-3333-444444444444.failed", "status: not provisioned\n")]
    public void Another_machines_marks_do_not_count(string mark, string expected)
    {
        Write($"{State}/{mark}", "11 reason\n");
        AssertStatus(0, expected);
    }

    [Fact]
    public void A_run_that_is_at_work_is_waited_for()
    {
        using Process holder = Process.Start(new ProcessStartInfo("flock", [_root.Path, "sleep", "1.5"]))!;
        Assert.True(Wait(() => Status().Output == "status: running\n"));
        Write($"{State}/{VmId}.provisioned", "");
        AssertStatus(0, "status: done\n", "--wait");
        holder.WaitForExit();
    }

    [Fact]
    public void A_failure_of_an_earlier_boot_is_not_what_is_waited_for()
    {
        Write($"{State}/{VmId}.failed", $"11 reason\n{File.ReadAllText("/proc/sys/kernel/random/boot_id")}");
        AssertStatus(1, "status: failed\nreason: reason (11)\n", "--wait");
        Write($"{State}/{VmId}.failed", $"11 reason\n{AnotherBoot}\n");
        AssertStatus(1, "status: failed\nreason: reason (11)\n");
        string run = $"sleep 1; rm {_root.HostPath(State)}/*; : > {_root.HostPath($"{State}/{VmId}.provisioned")}";
        using Process later = Process.Start("sh", ["-c", run]);
        AssertStatus(0, "status: done\n", "--wait", "--timeout", "20");
        later.WaitForExit();
    }

    [Theory]
    [InlineData("etc/systemd/system/azprovision.service", "/dev/null")]
    [InlineData("sys/class/dmi/id/chassis_asset_tag", "elsewhere")]
    public void Where_no_run_will_come_an_earlier_failure_is_the_last_word(string file, string text)
    {
        Write($"{State}/{VmId}.failed", $"11 reason\n{AnotherBoot}\n");
        MakeLinkOrFile(file, text);
        AssertStatus(1, "status: failed\nreason: reason (11)\n", "--wait");
    }

    [Fact]
    public void A_mistake_in_the_configuration_is_told_and_hides_nothing()
    {
        Write("etc/azprovision.conf", "state = /data/azp\n");
        Assert.Equal(0, Provision("--media", s_media).ExitCode);
        Write("etc/azprovision.conf", "state = /data/azp\nbogus = 1\n");
        const string Mistake = "azprovision: warning: /etc/azprovision.conf line 2: bogus: unknown option\n";

        Tool status = Status();
        Assert.Equal((0, "status: done\n", Mistake), (status.ExitCode, status.Output, status.Errors));
        string[] before = _root.Listing();
        Tool run = Provision();
        Assert.Equal((0, $"{Mistake}azprovision: already provisioned for VM {VmId}\n"), (run.ExitCode, run.Errors));
        Assert.Equal(before, _root.Listing());
    }

    [Fact]
    public void A_wait_has_an_end_and_where_nothing_can_come_there_is_none()
    {
        AssertStatus(1, "status: not provisioned\n", "--wait", "--timeout", "1");
        Write("sys/class/dmi/id/chassis_asset_tag", "elsewhere");
        AssertStatus(0, "status: not provisioned\n", "--wait");
    }

    [Fact]
    public void What_turns_it_off_is_told()
    {
        Write("cmdline", "quiet azprovision=off ro\n");
        string script = "mount --bind \"$1\" /proc/cmdline && exec \"$2\" status --root \"$3\"";
        string[] arguments = ["--mount", "sh", "-c", script, "sh", _root.HostPath("cmdline"), Repository.Binary, _root.Path];
        Assert.Equal("status: disabled\n", Tool.Try("unshare", arguments).Output);
    }

    [Theory]
    [InlineData("disabled", "/dev/null")]
    [InlineData("disabled", "../../../dev/null")]
    [InlineData("disabled", "")]
    [InlineData("not provisioned", "[Unit]\n")]
    [InlineData("disabled", null, "/dev/null")]   // mask --runtime
    [InlineData("not provisioned", "[Unit]\n", "/dev/null")]
    public void A_masked_unit_is_told(string expected, string? unit, string? runtimeUnit = null)
    {
        MakeLinkOrFile("etc/systemd/system/azprovision.service", unit);
        MakeLinkOrFile("run/systemd/system/azprovision.service", runtimeUnit);
        AssertStatus(0, $"status: {expected}\n");
        Write($"{State}/{VmId}.provisioned", "");
        AssertStatus(0, "status: done\n");
    }

    [Fact]
    public void An_ordinary_user_is_told_what_may_be_read()
    {
        Write($"{State}/{VmId}.failed", "11 reason\n");
        Tool.Run("chmod", "755", _root.Path);
        Tool.Run("chmod", "700", _root.HostPath(State));
        string[] asNobody = ["--reuid", "65534", "--clear-groups", "--", Repository.Binary, "status", "--root", _root.Path];
        Assert.Equal(3, Tool.Try("setpriv", asNobody).ExitCode);
        Write("run/azprovision/failed", "34 nobody could log in\n");
        Assert.Equal("status: failed\nreason: nobody could log in (34)\n", Tool.Try("setpriv", asNobody).Output);
    }

    private static bool Wait(Func<bool> isSo)
    {
        for (var since = Stopwatch.StartNew(); since.Elapsed < TimeSpan.FromSeconds(10);)
        {
            if (isSo())
            {
                return true;
            }
        }

        return false;
    }

    private Tool Provision(params string[] arguments) => Provisioning.Run(_root.Path, ["--skip", "report", .. arguments]);

    private Tool Status(params string[] arguments) =>
        Tool.Try(Repository.Binary, ["status", "--root", _root.Path, .. arguments]);

    private void MakeLinkOrFile(string path, string? content)
    {
        if (content is not null && content.EndsWith("/dev/null", StringComparison.Ordinal))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_root.HostPath(path))!);
            File.CreateSymbolicLink(_root.HostPath(path), content);
        }
        else if (content is not null)
        {
            Write(path, content);
        }
    }

    private void AssertStatus(int code, string output, params string[] arguments)
    {
        Tool status = Status(arguments);
        Assert.Equal(output, status.Output);
        Assert.Equal(code, status.ExitCode);
    }

    private void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root.HostPath(path))!);
        File.WriteAllText(_root.HostPath(path), content);
    }
}
