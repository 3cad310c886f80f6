using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>
/// The executable as systemd's generator. It knows no --root: it is started in a root of its own, by chroot(8), where all that it
/// may make is a link.
/// </summary>
public sealed class GeneratorTests : IDisposable
{
    private const string VmId = "f46c5e2c-8fd1-4a8a-a4b2-5b7b0d2c7a11";
    private const string Marker = $"var/lib/azprovision/{VmId}.provisioned";
    private const string Generator = "/usr/lib/systemd/system-generators/azprovision-generator";
    private const string Output = "run/systemd/generator";
    private const string Link = $"{Output}/multi-user.target.wants/azprovision.service";

    private static readonly string s_case = Repository.PathOf("tests/Cases/one-file-two-names");

    private readonly Tree _root = new();

    public GeneratorTests()
    {
        _root.Load($"{s_case}/before", $"{s_case}/before.list");
        Write("sys/class/dmi/id/product_uuid", VmId);
        Write("sys/class/dmi/id/chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77");
        foreach (string directory in (string[])["sys/firmware/efi", Output, $"{Output}.early", $"{Output}.late", "usr/sbin"])
        {
            Directory.CreateDirectory(_root.HostPath(directory));
        }

        File.Copy(Repository.Binary, _root.HostPath("usr/sbin/azprovision"));
        Directory.CreateDirectory(Path.GetDirectoryName(_root.HostPath(Generator))!);
        File.CreateSymbolicLink(_root.HostPath(Generator), "../../../sbin/azprovision");
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Nothing_but_a_link_is_made_and_nobody_is_asked()
    {
        string[] before = _root.Listing();
        string trace = _root.Path + ".strace";

        Tool run = Generate("strace", "-f", "-o", trace);

        Assert.True(run.ExitCode == 0, run.Errors);
        string[] made = [$"0755 0:0 d {Path.GetDirectoryName(Link)}", $"0777 0:0 l {Link} -> /usr/lib/systemd/system/azprovision.service"];
        Assert.Equal(made, _root.Listing().Except(before));
        string calls = File.ReadAllText(trace);
        File.Delete(trace);
        Assert.Single(Regex.Matches(calls, @"\bsymlinkat\("));
        Assert.Single(Regex.Matches(calls, @"\bmkdirat\("));
        Assert.DoesNotMatch(@"\b(socket|connect|flock|fsync|rename\w*|unlink\w*|mount|unshare|setsockopt)\(", calls);
        Assert.DoesNotMatch(@"O_(WRONLY|RDWR|CREAT).*\) = \d", calls);
    }

    [Fact]
    public void A_machine_is_pulled_in_until_it_is_provisioned_and_again_when_its_root_forgets()
    {
        Tree blank = new();
        blank.CopyFrom(_root);
        Assert.True(IsPulledIn());
        Tool run = Provisioning.Run(_root.Path, "--skip", "report", "--media", $"{s_case}/ovf-env.xml");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.False(IsPulledIn());

        // The same state beside a root as it was.
        Directory.Delete(_root.HostPath("etc"), recursive: true);
        Tool.Run("cp", "-a", blank.HostPath("etc"), _root.HostPath("etc"));
        blank.Dispose();
        Assert.True(IsPulledIn());
    }

    [Fact]
    public void A_script_of_the_users_is_not_restricted_as_the_unit_is()
    {
        Write("etc/azprovision.conf", "run-custom-data = yes\n");
        Assert.True(IsPulledIn());
        const string DropIn = $"{Output}/azprovision.service.d/00-run-custom-data.conf";
        Assert.Contains($"0644 0:0 f {DropIn}", _root.Listing());

        const string Unit = "usr/lib/systemd/system/azprovision.service";
        Write(Unit, "[Service]\nExecStart=/usr/sbin/azprovision\n");
        string free = Restrictions();
        // A builder's arguments stay, and a systemd before 231 has no "+".
        Write(Unit, File.ReadAllText(Repository.PathOf("src/boot/systemd/azprovision.service")));
        Assert.NotEqual(free, Restrictions());
        Write("etc/systemd/system/azprovision.service.d/00-run-custom-data.conf", _root.Read(DropIn));
        Assert.Equal(free, Restrictions());
        Assert.DoesNotContain("ExecStart", _root.Read(DropIn), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(false, "azprovision.state=/var/lib/azprovision")]
    [InlineData(true, "azprovision.state=/data/not-mounted-yet")]
    [InlineData(true, "azprovision.force")]
    [InlineData(true, "azprovision.resource-disk=/mnt")]
    [InlineData(false, "azprovision.resource-disk=/mnt azprovision.skip=resource-disk")]
    [InlineData(false, "azprovision.no-such-option=1")]
    [InlineData(false, "azprovision.root=/no/such")]
    public void A_provisioned_root_is_left_alone_unless_a_run_has_more_to_do(bool expected, string arguments = "")
    {
        Write(Marker, "");
        Write("proc/cmdline", $"quiet {arguments}\n");
        Assert.Equal(expected, IsPulledIn());
    }

    [Theory]
    [InlineData(false, "etc/azprovision.conf", "no-such-option = 1\n")]   // a run would say so, and that it is provisioned
    [InlineData(true, "etc/azprovision.conf", "force = yes\n")]
    [InlineData(true, "usr/lib/azprovision.conf.d/state.conf", "state = /data\n")]
    [InlineData(true, $"var/lib/azprovision/{VmId}.failed", "11 reason\n")]
    [InlineData(true, "run/azprovision/failed", "11 reason\n")]
    [InlineData(true, "var/lib/azprovision/record", "version 9\n")]
    [InlineData(true, "sys/class/dmi/id/product_uuid", "00000000-1111-2222-3333-444444444444")]   // a captured image
    [InlineData(false, "sys/class/dmi/id/product_uuid", "2C5E6CF4-D18F-8A4A-A4B2-5B7B0D2C7A11")]   // the other byte order
    [InlineData(true, "sys/class/dmi/id/product_uuid", "none")]   // who that is, only the platform can tell
    public void What_a_provisioned_root_holds_may_be_a_reason_to_look_again(bool expected, string file, string text)
    {
        Write(Marker, "");
        Write(file, text);
        Assert.Equal(expected, IsPulledIn());
    }

    [Theory]
    [InlineData(false, "proc/cmdline", "quiet azprovision=off ro\n")]
    [InlineData(false, "etc/initrd-release", "")]
    [InlineData(true, "etc/azprovision.conf", "no-such-option = 1\n")]
    [InlineData(true, "sys/class/dmi/id/chassis_asset_tag", "elsewhere")]   // its drive may not be known yet
    public void A_root_that_is_not_provisioned_is_pulled_in(bool expected, string file, string text)
    {
        Write(file, text);
        Assert.Equal(expected, IsPulledIn());
    }

    /// <summary>systemd says so since its version 251.</summary>
    [Theory]
    [InlineData("SYSTEMD_VIRTUALIZATION=container:docker", false)]
    [InlineData("SYSTEMD_VIRTUALIZATION=vm:microsoft", true)]
    [InlineData("SYSTEMD_IN_INITRD=1", false)]
    [InlineData("SYSTEMD_IN_INITRD=0", true)]
    public void A_container_and_an_initrd_are_not_this_machine(string variable, bool expected) =>
        Assert.Equal(expected, IsPulledIn("env", variable));

    [Theory]
    [InlineData("media = none\n")]
    [InlineData("only = report\n")]
    public void On_another_platform_without_anything_to_look_for_it_is_not(string configuration)
    {
        Write("etc/azprovision.conf", configuration);
        Assert.True(IsPulledIn());
        Write("sys/class/dmi/id/chassis_asset_tag", "elsewhere");
        Assert.False(IsPulledIn());
    }

    [Fact]
    public void A_machine_that_nothing_identifies_is_known_by_the_mark_of_its_like_and_by_the_platform_alone_else()
    {
        Directory.Delete(_root.HostPath("sys/class/dmi"), recursive: true);
        Assert.True(IsPulledIn());
        Write(Marker, "");
        Assert.True(IsPulledIn());
        Write("var/lib/azprovision/00000000-0000-0000-0000-000000000000.provisioned", "");
        Assert.False(IsPulledIn());
    }

    [Fact]
    public void What_cannot_be_read_is_for_the_run_to_tell()
    {
        Write(Marker, "");
        Write("sys/class/dmi/id/product_uuid", new string('a', 5000));
        Tool run = Generate();
        Assert.Contains("cannot be told: '/sys/class/dmi/id/product_uuid' has 5000 bytes", run.Errors, StringComparison.Ordinal);
        Assert.Equal(0, run.ExitCode);
        Assert.NotNull(new FileInfo(_root.HostPath(Link)).LinkTarget);
    }

    [Fact]
    public void By_its_other_names_it_is_no_generator_and_without_a_directory_it_says_what_it_is()
    {
        string[] before = _root.Listing();
        Tool run = InRoot(Generator);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("azprovision-generator is called by systemd", run.Errors, StringComparison.Ordinal);
        Assert.Equal(2, InRoot("/usr/sbin/azprovision", "/" + Output).ExitCode);
        Assert.Equal(before, _root.Listing());
    }

    private string Restrictions() => Tool.Run(
        "systemd-analyze", "security", "--offline=yes", $"--root={_root.Path}", "--json=short", "--no-pager", "azprovision.service");

    private bool IsPulledIn(params string[] tracer)
    {
        string wants = Path.GetDirectoryName(_root.HostPath(Link))!;
        Tool.Run("rm", "-rf", wants);   // as systemd does it
        Tool run = Generate(tracer);
        Assert.True(run.ExitCode == 0, run.Errors);
        return Directory.Exists(wants) && Directory.GetFiles(wants).Length == 1;
    }

    private Tool Generate(params IEnumerable<string> tracer) =>
        InRoot([.. tracer], Generator, $"/{Output}", $"/{Output}.early", $"/{Output}.late");

    private Tool InRoot(params string[] command) => InRoot([], command);

    private Tool InRoot(string[] tracer, params string[] command) =>
        Tool.Try("unshare", ["--mount", "--uts", "--net", "--", .. tracer, "chroot", _root.Path, .. command]);

    private void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root.HostPath(path))!);
        File.WriteAllText(_root.HostPath(path), content);
    }
}
