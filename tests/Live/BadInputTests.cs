using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>What the published executable says to bad input: the exit code, and one line with the value and the place.</summary>
public sealed class BadInputTests : IDisposable
{
    private const string Good = """
        <Environment xmlns="http://schemas.dmtf.org/ovf/environment/1">
          <ProvisioningSection xmlns="http://schemas.microsoft.com/windowsazure">
            <Version>1.0</Version>
            <LinuxProvisioningConfigurationSet>
              <HostName>heron</HostName>
              <UserName>ada</UserName>
              <UserPassword>correct horse</UserPassword>
              <SSH><PublicKeys><PublicKey><Path>/home/ada/.ssh/authorized_keys</Path><Value>ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f x</Value></PublicKey></PublicKeys></SSH>
              <CustomData>aGVsbG8K</CustomData>
            </LinuxProvisioningConfigurationSet>
          </ProvisioningSection>
        </Environment>
        """;

    private readonly Tree _root = new();
    private readonly Tree _media = new();

    public BadInputTests()
    {
        string directory = Repository.PathOf("tests/Cases/debian-12-key");
        _root.Load(Path.Combine(directory, "before"), Path.Combine(directory, "before.list"));
    }

    public static TheoryData<string, string, string, string> Documents { get; } = new()
    {
        { "<HostName>heron</HostName>", "", "11", "missing configuration for 'HostName'" },
        { "<UserName>ada</UserName>", "", "11", "missing configuration for 'UserName'" },
        { "<HostName>", "<HostName>x</HostName><HostName>", "11", "multiple configuration matches for 'HostName' (2)" },
        { "<UserName>", "<UserName>x</UserName><UserName>", "11", "multiple configuration matches for 'UserName' (2)" },
        { "</Environment>", "", "11", "error parsing ovf-env.xml: not well-formed at line 12" },
        { "<Environment", "<!DOCTYPE x [<!ENTITY a \"b\">]><Environment", "11", "error parsing ovf-env.xml" },
        { "<Environment", "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><Environment", "11", "error parsing ovf-env.xml" },
        { ">ada<", ">root<", "11", "user name 'root' is the system's own" },
        { ">ada<", ">a/b<", "11", "user name 'a/b' contains '/'" },
        { ">ada<", ">a:b<", "11", "user name 'a:b' contains ':'" },
        { ">ada<", ">a,b<", "11", "user name 'a,b' contains ','" },
        { ">ada<", ">..<", "11", "user name '..' begins with '.'" },
        { ">ada<", ">a&#10;b<", "11", "user name 'a\\x0ab' contains '\\x0a'" },
        { ">ada<", ">a12345678901234567890123456789012<", "11", "has 33 characters, 1 to 32 are allowed" },
        { ">heron<", ">a/b<", "11", "host name 'a/b' contains '/'" },
        { ">heron<", ">a..b<", "11", "host name 'a..b' has a label of 0 characters" },
        { ">heron<", ">a&#10;b<", "11", "host name 'a\\x0ab' contains '\\x0a'" },
        { ">heron<", ">a1234567890123456789012345678901234567890123456789012345678901.bc<", "11", "has 65 characters, 1 to 64 are allowed" },
        { "correct horse", "1234567890123456789012345678901234567890123456789012345678901234567890123", "11", "unsupported password length=73 max=72" },
        { "aGVsbG8K", "a%%%", "11", "CustomData is not base64" },
        { "ssh-ed25519 AAAA", "ssh-ed25519 ????", "11", "is not base64 after its type" },
        { "ssh-ed25519 AAAA", "rsa AAAA", "11", "has the type 'rsa', which OpenSSH does not know" },
        { "<Version>", "<Version></Version><PreprovisionedVm/><Version>", "11", "multiple configuration matches for 'Version' (2)" },
        { "</ProvisioningSection>", "</ProvisioningSection><PlatformSettingsSection xmlns=''><PlatformSettings><PreprovisionedVMType>Savable</PreprovisionedVMType></PlatformSettings></PlatformSettingsSection>", "12", "PreprovisionedVMType Savable" },
    };

    public void Dispose()
    {
        _root.Dispose();
        _media.Dispose();
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Bad_data_end_the_run_before_anything_is_touched(string part, string instead, string code, string message)
    {
        Assert.Contains(part, Good, StringComparison.Ordinal);
        string[] names = _root.Listing();
        SortedDictionary<string, string> contents = _root.Contents();
        Tool run = Provision(Good.Replace(part, instead, StringComparison.Ordinal));
        AssertFailed(run, code, message);
        _root.RemoveReason();
        Assert.Equal(contents, _root.Contents());
        Assert.Equal(names, _root.Listing());
        Assert.DoesNotContain("correct horse", run.Errors + run.Output);
    }

    [Fact]
    public void Documents_keys_and_custom_data_over_their_limits_are_refused()
    {
        AssertFailed(Provision(Good.Replace("<Version>", $"<!--{new string('x', 1 << 20)}--><Version>")), "11", "at most 1048576 are read");
        string large = Convert.ToBase64String(new byte[(64 << 10) + 1]);
        AssertFailed(Provision(Good.Replace("aGVsbG8K", large)), "11", "CustomData has 65537 bytes, at most 65536 are read");
        AssertFailed(Provision(Good.Replace(" x</Value>", $" {new string('x', 16 << 10)}</Value>")), "11", "at most 16384 are read");
        string keys = string.Concat(Enumerable.Repeat("<PublicKey><Value>x</Value></PublicKey>", 1001));
        AssertFailed(Provision(Good.Replace("<PublicKey>", $"{keys}<PublicKey>")), "11", "more than 1000 elements 'PublicKey'");
    }

    [Fact]
    public void Missing_media_are_told_apart()
    {
        AssertFailed(Provisioning.Run(_root.Path, "--skip", "report", "--media", "/nowhere"), "10", "'/nowhere'");
        AssertFailed(Provisioning.Run(_root.Path, "--skip", "report", "--media", "none"), "10", "--media none and --imds none leave no provisioning data");
        AssertFailed(Provisioning.Run(_root.Path, "--skip", "report", "--media", _media.Path), "10", "there is no ovf-env.xml on it");
        File.WriteAllBytes(_media.HostPath("image"), new byte[100_000]);
        AssertFailed(
            Provisioning.Run(_root.Path, "--skip", "report", "--media", _media.HostPath("image")), "11", "neither UDF nor ISO 9660");
        AssertFailed(
            Provisioning.Run(_root.Path, "--skip", "report", "--media-wait", "0"), "10", "there is no CD or DVD device in '/dev'");
    }

    [Theory]
    [InlineData("etc/passwd", "37", "'/etc/passwd': 'passwd' is a symbolic link to")]
    [InlineData("etc/shadow", "37", "'/etc/shadow': 'shadow' is a symbolic link to")]
    [InlineData("home/ada/.ssh", "34", "'.ssh' is a symbolic link to")]
    [InlineData("home/ada/.ssh/authorized_keys", "34", "'authorized_keys' is a symbolic link to")]
    public void A_link_to_the_outside_is_named_and_what_it_names_stays_untouched(string path, string code, string message)
    {
        using var outside = new Tree();
        string target = outside.HostPath("target");
        if (path.EndsWith(".ssh", StringComparison.Ordinal))
        {
            Directory.CreateDirectory(target);
        }
        else
        {
            File.WriteAllText(target, "root:x:0:0::/root:/bin/sh\n");
        }

        string[] before = [.. outside.Listing(), .. outside.Contents().Values];
        Directory.CreateDirectory(Path.GetDirectoryName(_root.HostPath(path))!);
        File.Delete(_root.HostPath(path));
        File.CreateSymbolicLink(_root.HostPath(path), target);
        AssertFailed(Provision(Good), code, message);
        Assert.Equal(before.AsEnumerable(), [.. outside.Listing(), .. outside.Contents().Values]);
    }

    [Fact]
    public void A_system_account_is_refused_by_name_and_id()
    {
        File.AppendAllText(_root.HostPath("etc/passwd"), "ada:x:999:999::/:/usr/sbin/nologin\n");
        AssertFailed(Provision(Good), "31", "user 'ada' is a system account: its id 999 is below 1000");
    }

    [Theory]
    [InlineData("mount --bind R R && mount -o remount,bind,ro R", "Read-only file system")]
    [InlineData("mount -t tmpfs -o size=400k none R/mnt && cp -a R/etc R/usr R/mnt && { cat /dev/zero > R/mnt/full; umask 0; } 2>&- ; mount --bind R/mnt R", "No space left on device")]
    public void A_root_that_takes_no_writing_is_named_as_that(string prepare, string message)
    {
        Directory.CreateDirectory(_root.HostPath("mnt"));
        File.WriteAllText(_media.HostPath("ovf-env.xml"), Good);
        string script = $"{prepare.Replace("R", _root.Path, StringComparison.Ordinal)}; exec \"$@\"";
        Tool run = Tool.Try(
            "unshare",
            [
                "--uts", "--mount", "--", "sh", "-c", script, "sh", Repository.Binary,
                "--root", _root.Path, "--media", _media.Path, "--skip", "report", "--imds", "none",
            ]);
        AssertFailed(run, "37", message);
    }

    [Fact]
    public async Task A_second_copy_waits_and_then_finds_the_marker()
    {
        using var platform = AzurePlatform.Play(new ScriptedServer(), "health=503,503,200");
        File.WriteAllText(_media.HostPath("ovf-env.xml"), Good);
        Directory.CreateDirectory(_root.HostPath("sys/class/dmi/id"));
        File.WriteAllText(_root.HostPath("sys/class/dmi/id/product_uuid"), "a1b2c3d4-e5f6-0718-293a-4b5c6d7e8f90\n");
        Tool[] runs = await Task.WhenAll(
            Task.Run(() => Provisioning.Run(_root.Path, platform, "--media", _media.Path)),
            Task.Run(() => Provisioning.Run(_root.Path, platform, "--media", _media.Path)));
        Assert.All(runs, run => Assert.True(run.ExitCode == 0, run.Errors));
        Assert.Single(runs, run => run.Errors.Contains("already provisioned for VM d4c3b2a1-f6e5-1807-293a-4b5c6d7e8f90"));
        Assert.Equal(3, platform.Requests.Count(request => request.Method == "POST"));
        Assert.Single(platform.Requests, request => request.Method == "GET");
    }

    [Fact]
    public void The_platform_learns_why_a_machine_failed()
    {
        using var platform = AzurePlatform.Healthy(new ScriptedServer());
        File.WriteAllText(_media.HostPath("ovf-env.xml"), Good.Replace(">ada<", ">a|b<", StringComparison.Ordinal));
        AssertFailed(Provisioning.Run(_root.Path, platform, "--media", _media.Path), "11", "user name 'a|b' contains '|'");
        string report = Encoding.UTF8.GetString(platform.Requests[^1].Body);
        Assert.Contains("<State>NotReady</State><Details><SubStatus>ProvisioningFailed</SubStatus>", report);
        Assert.Contains("result=error|'reason=user name ''a|b'' contains ''|''", report);
        Assert.Contains("|agent=azprovision/", report);
        Assert.Equal(2, platform.Requests.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_a_network_it_ends_in_time_and_says_what_is_missing(bool hasMedia)
    {
        File.WriteAllText(_media.HostPath("ovf-env.xml"), Good);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Tool run = Tool.Try(
            "unshare",
            [
                "--uts", "--net", "--", Repository.Binary, "--root", _root.Path, "--timeout", "2", "--media-wait", "0",
                .. hasMedia ? ["--media", _media.Path] : Array.Empty<string>(),
            ]);
        AssertFailed(run, "20", "no network interface");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 15);
    }

    [Theory]
    [InlineData("-q", false)]
    [InlineData("-v", true)]
    public void A_bad_kernel_argument_is_told_as_loud_as_was_asked_for(string flag, bool isTold)
    {
        File.WriteAllText(_media.HostPath("ovf-env.xml"), Good);
        File.WriteAllText(_media.HostPath("cmdline"), "azprovision.timeout=x\n");
        string script = $"mount --bind {_media.HostPath("cmdline")} /proc/cmdline && exec \"$@\"";
        Tool run = Tool.Try(
            "unshare",
            [
                "--uts", "--mount", "--", "sh", "-c", script, "sh", Repository.Binary,
                "--root", _root.Path, "--media", _media.Path, "--only", "hostname", "--imds", "none", flag,
            ]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(isTold, run.Errors.Contains("kernel argument azprovision.timeout: 'x' is not a number", StringComparison.Ordinal));
    }

    [Fact]
    public void A_disk_that_keeps_its_timeout_is_only_a_warning()
    {
        File.WriteAllText(_media.HostPath("ovf-env.xml"), Good);
        string timeout = _root.HostPath("sys/block/sda/device/timeout");
        Directory.CreateDirectory(Path.GetDirectoryName(timeout)!);
        File.WriteAllText(timeout, "30\n");
        Tool run = Tool.Try(
            "unshare",
            [
                "--uts", "--mount", "--", "sh", "-c", $"mount --bind {timeout} {timeout} && mount -o remount,bind,ro {timeout}; exec \"$@\"",
                "sh", Repository.Binary, "--root", _root.Path, "--media", _media.Path, "--network", "off", "--imds", "none",
                "--skip", "report",
            ]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("'/sys/block/sda/device/timeout': Read-only file system, ignoring", run.Errors);
        Assert.Equal("30\n", File.ReadAllText(timeout));
    }

    [Fact]
    public void Without_random_numbers_there_is_no_password_and_the_code_says_which_step()
    {
        File.WriteAllText(_media.HostPath("ovf-env.xml"), Good);
        Tool run = Tool.Try(
            "unshare",
            [
                "--uts", "--", "strace", "-f", "-qq", "-o", _media.HostPath("trace"), "-e", "trace=getrandom",
                "-e", "inject=getrandom:error=EIO", Repository.Binary, "--root", _root.Path, "--media", _media.Path,
                "--network", "off", "--imds", "none", "--skip", "report",
            ]);
        AssertFailed(run, "32", "no random salt for the password");
    }

    [Fact]
    public void A_log_file_below_the_root_has_the_lines_and_so_has_standard_error()
    {
        Directory.CreateDirectory(_root.HostPath("var/log"));
        File.WriteAllText(_media.HostPath("ovf-env.xml"), Good.Replace(">ada<", ">a/b<", StringComparison.Ordinal));
        Tool run = Provisioning.Run(
            _root.Path, "--media", _media.Path, "--skip", "report", "--log", "stderr,/var/log/azprovision.log");
        AssertFailed(run, "11", "user name 'a/b' contains '/'");
        string log = _root.Read("var/log/azprovision.log");
        Assert.Equal(run.Errors, Regex.Replace(log, "^[0-9-]{10}T[0-9:]{8}Z ", "azprovision: ", RegexOptions.Multiline));
    }

    [Fact]
    public void A_hundred_thousand_accounts_have_room()
    {
        Directory.CreateDirectory(_root.HostPath("etc"));
        File.WriteAllText(_root.HostPath("etc/login.defs"), "UID_MAX 600000\n");
        Fill("etc/passwd", i => $"user{i}:x:{i + 1000}:{i + 1000}:User Number {i},,,:/home/user{i}:/bin/bash\n");
        Fill("etc/shadow", i => $"user{i}:$6$abcdefghabcdefgh${new string('x', 86)}:19000:0:99999:7:::\n");
        Fill("etc/group", i => $"user{i}:x:{i + 1000}:\n");
        Tool run = Provision(Good);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.EndsWith("\nada:x:101000:101000::/home/ada:/bin/bash\n", _root.Read("etc/passwd"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    public void A_full_standard_output_is_no_bug(string option) => AssertFailed(
        Tool.Try("sh", "-c", "\"$0\" \"$1\" >/dev/full", Repository.Binary, option),
        "37",
        "write 'standard output': No space left on device");

    [Fact]
    public void Without_rights_it_says_so()
    {
        Tool run = Tool.Try("setpriv", ["--reuid=65534", "--clear-groups", "--", Repository.Binary, "--skip", "report", "--media", "none"]);
        AssertFailed(run, "3", "must be run by root");
    }

    private static void AssertFailed(Tool run, string code, string message)
    {
        Assert.True(code == $"{run.ExitCode}", $"exit code {run.ExitCode}: {run.Errors}");
        string error = Assert.Single(run.Errors.Split('\n'), line => line.StartsWith("azprovision: error: ", StringComparison.Ordinal));
        Assert.Contains(message, error);
    }

    private void Fill(string path, Func<int, string> line)
    {
        using StreamWriter file = File.CreateText(_root.HostPath(path));
        for (int i = 0; i < 100_000; i++)
        {
            file.Write(line(i));
        }
    }

    private Tool Provision(string document)
    {
        File.WriteAllText(_media.HostPath("ovf-env.xml"), document);
        return Provisioning.Run(_root.Path, "--media", _media.Path, "--skip", "report");
    }
}
