using System;
using System.Diagnostics;
using System.IO;
using System.IO.Compression;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>What the published executable makes of discs: which is the platform's, and how long it looks for one.</summary>
public sealed class MediaTests : IDisposable
{
    private const string AnotherPlatform = """
        <?xml version="1.0" encoding="UTF-8"?>
        <Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:oe="http://schemas.dmtf.org/ovf/environment/1" oe:id="">
        <PlatformSection><Kind>VMware ESXi</Kind><Version>8.0.0</Version><Vendor>VMware, Inc.</Vendor></PlatformSection>
        <PropertySection><Property oe:key="hostname" oe:value="appliance"/></PropertySection>
        </Environment>
        """;

    private readonly Tree _root = new();
    private readonly Tree _devices = new();
    private readonly string _case = Repository.PathOf("tests/Cases/debian-12-key");

    public MediaTests() => _root.Load(Path.Combine(_case, "before"), Path.Combine(_case, "before.list"));

    public void Dispose()
    {
        _root.Dispose();
        _devices.Dispose();
    }

    [Theory]
    [InlineData("no drive")]
    [InlineData("the OVF environment of another platform")]
    [InlineData("a disc of cloud-init")]
    [InlineData("a damaged disc")]
    public void On_another_platform_all_is_done_at_once(string disc)
    {
        using ScriptedServer platform = AzurePlatform.Healthy(new ScriptedServer());
        WriteTag("No Asset Tag");
        switch (disc)
        {
            case "the OVF environment of another platform":
                WriteDisc("sr0", "ovf-env.xml", AnotherPlatform);
                break;
            case "a disc of cloud-init":
                WriteDisc("sr0", "meta-data", "instance-id: i");
                break;
            case "a damaged disc":
                WriteDisc("sr0", "readme", "");
                using (FileStream image = File.OpenWrite(_devices.HostPath("sr0")))
                {
                    image.Position = (16 * 2048) + 158;   // where the root directory lies
                    image.Write([0xFF, 0xFF, 0xFF, 0x7F]);
                }

                break;
        }

        string[] names = _root.Listing();
        var watch = Stopwatch.StartNew();
        Tool run = Run(":;", "--wireserver", $"{platform.EndPoint}");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("this is not Azure: nothing to do", run.Errors);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
        Assert.Equal(names, _root.Listing());
        Assert.Empty(platform.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_drive_with_the_platforms_disc_is_found_beside_another_at_once_or_late(bool isLate)
    {
        WriteDisc("sr0", "ovf-env.xml", AnotherPlatform);
        WriteDisc("sr1", "ovf-env.xml", File.ReadAllText(Path.Combine(_case, "ovf-env.xml")));
        string d = _devices.Path;
        var watch = Stopwatch.StartNew();
        Tool run = Run(isLate ? $"mv {d}/sr1 {d}/later; (sleep 1; mv {d}/later {d}/sr1) &" : ":;", "--skip", "report");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("read ovf-env.xml from /dev/sr1", run.Errors);
        Assert.InRange(watch.Elapsed.TotalSeconds, isLate ? 1 : 0, 8);
    }

    [Theory]
    [InlineData("no length")]
    [InlineData("zeros")]
    [InlineData("EIO")]
    public void A_disc_that_cannot_be_read_at_first_is_read_later(string first)
    {
        WriteTag("7783-7084-3265-9085-8269-3286-77");
        WriteDisc("sr0", "ovf-env.xml", File.ReadAllText(Path.Combine(_case, "ovf-env.xml")));
        string d = _devices.Path;
        string later = $"mv {d}/sr0 {d}/later; (sleep 2; mv {d}/later {d}/sr0) & truncate -s {(first == "zeros" ? "2M" : "0")} {d}/sr0;";
        string failing = "set -- strace -f -qq -o /tmp/null -P /dev/sr0 -e inject=pread64:error=EIO:when=1..5 \"$@\";"
            .Replace("/tmp/null", _root.Path + ".trace", StringComparison.Ordinal);
        Tool run = Run(first == "EIO" ? failing : later, "--skip", "report");
        File.Delete(_root.Path + ".trace");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("'/dev/sr0': ", run.Errors);
        Assert.Contains("; looking again", run.Errors);
        Assert.Contains("read ovf-env.xml from /dev/sr0", run.Errors);
    }

    [Fact]
    public void On_Azure_the_search_lasts_as_long_as_was_asked_for_and_then_names_each_drive()
    {
        WriteTag("7783-7084-3265-9085-8269-3286-77");
        WriteDisc("sr0", "ovf-env.xml", AnotherPlatform);
        WriteDisc("sr1", "meta-data", "instance-id: i");
        var watch = Stopwatch.StartNew();
        Tool run = Run(":;", "--skip", "report", "--media-wait", "2");
        Assert.True(run.ExitCode == 10, run.Errors);
        Assert.Contains("'/dev/sr0': its ovf-env.xml is not Azure's, there is no ProvisioningSection in it", run.Errors);
        Assert.Contains("'/dev/sr1': there is no ovf-env.xml on it", run.Errors);
        Assert.InRange(watch.Elapsed.TotalSeconds, 2, 5);
    }

    /// <summary>The first mount(2) of a run makes the mounts of its own namespace private.</summary>
    [Fact]
    public void A_mount_namespace_that_is_not_private_is_left_again()
    {
        WriteDisc("sr0", "ovf-env.xml", File.ReadAllText(Path.Combine(_case, "ovf-env.xml")));
        string trace = _devices.HostPath("trace");
        string device = Tool.Run("losetup", "--find", "--show", "--read-only", _devices.HostPath("sr0")).Trim();
        try
        {
            Tool run = Tool.Try(
                "unshare", "--uts", "--mount", "--", "strace", "-f", "-qq", "-o", trace, "-e", "trace=unshare,mount,setns",
                "-e", "inject=mount:error=EPERM:when=1", Repository.Binary, "--root", _root.Path, "--network", "off", "--imds", "none",
                "--media", device, "--skip", "report");
            Assert.True(run.ExitCode == 0, run.Errors);
        }
        finally
        {
            Tool.Run("losetup", "--detach", device);
        }

        string calls = File.ReadAllText(trace);
        Assert.Contains("MS_PRIVATE, NULL) = -1 EPERM (Operation not permitted) (INJECTED)", calls, StringComparison.Ordinal);
        Assert.Equal(Count(calls, "unshare(CLONE_NEWNS)"), Count(calls, "setns("));

        static int Count(string text, string part) => text.Split(part).Length - 1;
    }

    [Theory]
    [InlineData("")]
    [InlineData("neither an image nor XML")]
    [InlineData(AnotherPlatform)]
    public void A_file_that_was_named_must_be_the_platforms(string content)
    {
        File.WriteAllText(_devices.HostPath("file"), content);
        Tool run = Provisioning.Run(_root.Path, "--skip", "report", "--media", _devices.HostPath("file"));
        Assert.True(run.ExitCode == 11, run.Errors);
    }

    [Fact]
    public void A_disc_in_millions_of_pieces_is_refused_with_32_MiB_of_memory()
    {
        string image = _devices.HostPath("bomb");
        using (var packed = new GZipStream(
            File.OpenRead(Repository.PathOf("tests/Unit/Media/Images/udf-sparable-150.img.gz")), CompressionMode.Decompress))
        using (var sparable = new MemoryStream())
        {
            packed.CopyTo(sparable);
            File.WriteAllBytes(image, UdfBomb.From(sparable.ToArray()));
        }

        Tool run = Tool.Try(
            "prlimit",
            [
                $"--data={32 << 20}", "unshare", "--uts", "--", Repository.Binary, "--root", _root.Path, "--media", image,
                "--dry-run", "--imds", "none",
            ]);
        Assert.True(run.ExitCode == 11, $"{run.ExitCode}: {run.Errors}");
        Assert.Contains("UDF: the partitions are in more than 131072 pieces", run.Errors);
    }

    private void WriteTag(string tag)
    {
        Directory.CreateDirectory(_root.HostPath("sys/class/dmi/id"));
        File.WriteAllText(_root.HostPath("sys/class/dmi/id/chassis_asset_tag"), tag);
    }

    private void WriteDisc(string drive, string name, string content)
    {
        using var files = new Tree();
        File.WriteAllText(files.HostPath(name), content);
        Tool.Run("genisoimage", "-quiet", "-r", "-J", "-o", _devices.HostPath(drive), files.Path);
    }

    /// <summary>With a /dev in which the drives are all there is.</summary>
    private Tool Run(string before, params string[] arguments) => Tool.Try(
        "unshare",
        [
            "--uts", "--net", "--mount", "--", "sh", "-c",
            $"{before} mount --bind {_devices.Path} /dev && exec \"$@\"", "sh", Repository.Binary,
            "--root", _root.Path, "--network", "off", "--imds", "none", .. arguments,
        ]);
}
