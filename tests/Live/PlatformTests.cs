using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>What the published executable asks the platform for, how long, and what it makes of it.</summary>
public sealed class PlatformTests : IDisposable
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f x";
    private const string Password = "<UserPassword>Tr0ubador-3-x</UserPassword>";
    private const string NoSshPassword = "<DisableSshPasswordAuthentication>true</DisableSshPasswordAuthentication>";
    private const string KnownByName = "<SSH><PublicKeys><PublicKey><Fingerprint>C0FFEE</Fingerprint></PublicKey></PublicKeys></SSH>";
    private const string Complete =
        NoSshPassword + $"<SSH><PublicKeys><PublicKey><Value>{Key}</Value></PublicKey></PublicKeys></SSH>";

    private readonly Tree _root = new();
    private readonly Tree _media = new();
    private readonly ScriptedServer _platform = AzurePlatform.Healthy(new ScriptedServer());

    public PlatformTests()
    {
        string directory = Repository.PathOf("tests/Cases/debian-12-key");
        _root.Load(Path.Combine(directory, "before"), Path.Combine(directory, "before.list"));
    }

    public void Dispose()
    {
        _root.Dispose();
        _media.Dispose();
        _platform.Dispose();
    }

    [Fact]
    public void The_only_key_is_waited_for_and_every_15_seconds_it_says_so()
    {
        Answer gone = Answer.Status(410, "", "Retry-After: 8\r\n");
        _platform.On("/metadata/instance?", gone, gone, Instance("\"publicKeys\":[{\"keyData\":\"" + Key + "\"}]"));
        Tool run = Provision(Password + NoSshPassword + KnownByName);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(Key, _root.Read("home/ada/.ssh/authorized_keys").Trim());
        Assert.Contains($"waiting for IMDS {_platform.EndPoint}, for at most 60", run.Errors);
        Assert.Contains("<State>Ready</State>", LastReport);
    }

    /// <summary>It takes one report, and the next boot tries the rest again.</summary>
    [Fact]
    public void What_fails_after_Ready_is_not_reported()
    {
        foreach (string id in (string[])[AzurePlatform.InstanceId, "4e3f2a10-9b7c-4d5e-8f60-1a2b3c4d5e6f"])
        {
            Directory.CreateDirectory(_root.HostPath($"var/lib/azprovision/{id}.provisioned"));
        }

        Tool run = Provision(Complete, "--force");
        Assert.Equal(37, run.ExitCode);
        Assert.Contains("mark as provisioned: ", run.Errors);
        Assert.Contains("<State>Ready</State>", LastReport);
        Assert.Single(_platform.Requests, request => request.Text.Contains("<State>", StringComparison.Ordinal));
    }

    [Fact]
    public void A_copy_of_the_media_that_cannot_be_written_is_gone_without()
    {
        Directory.CreateDirectory(_root.HostPath("var/lib/azprovision/ovf-env.xml"));
        Tool run = Provision(Complete);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("'/var/lib/azprovision/ovf-env.xml'", run.Errors);
        Assert.Contains("already provisioned", Provision(Complete).Errors);
    }

    [Theory]
    [InlineData("", "there is neither an SSH key that sshd takes nor a password")]
    [InlineData(Password + NoSshPassword, "neither sshd nor a serial console takes the password")]
    [InlineData(KnownByName, "has no value in ovf-env.xml")]
    public void A_machine_that_nobody_could_log_in_to_is_not_ready(string elements, string why)
    {
        _platform.On("/metadata/instance?", Instance("\"publicKeys\":[]"));
        string[] names = _root.Listing();
        Tool run = Provision(elements);
        Assert.True(run.ExitCode == 34, run.Errors);
        Assert.Contains("nobody could log in: ", run.Errors);
        Assert.Contains(why, LastReport);
        Assert.Contains("<State>NotReady</State>", LastReport);
        _root.RemoveReason();
        Assert.Equal(names, _root.Listing());

        run = Provision(elements, "--dry-run");
        Assert.True(run.ExitCode == 34, run.Errors);
        run = Provision(elements, "--allow-no-login");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("<State>Ready</State>", LastReport);
    }

    [Theory]
    [InlineData("sntrup-ed448@example.test AAAA")]
    [InlineData("from=\\\"10.0.0.0/8\\\" " + Key)]
    public void Keys_of_IMDS_that_are_none_are_no_way_in(string value)
    {
        _platform.On("/metadata/instance?", Instance(
            $"\"osProfile\":{{\"adminUsername\":\"ada\",\"computerName\":\"heron\"}},\"publicKeys\":[{{\"keyData\":\"{value}\"}}]"));
        Tool run = Run("--media", "none", "--imds", $"{_platform.EndPoint}");
        Assert.True(run.ExitCode == 34, run.Errors);
        Assert.Contains("; it is left out", run.Errors);
        Assert.Contains("<State>NotReady</State>", LastReport);
    }

    [Theory]
    [InlineData("\"osProfile\":{\"adminUsername\":\"\",\"computerName\":\"\",\"disablePasswordAuthentication\":\"\"},\"publicKeys\":[]")]
    [InlineData("\"osProfile\":null,\"publicKeys\":null")]
    [InlineData("\"name\":\"restored\"")]
    public void A_machine_of_a_specialized_disk_is_ready_and_nothing_in_it_is_changed(string compute)
    {
        const string VmId = "4e3f2a10-9b7c-4d5e-8f60-1a2b3c4d5e6f";
        WriteDmi(VmId);
        Directory.CreateDirectory(_root.HostPath("sys/block/sda/device"));
        File.WriteAllText(_root.HostPath("sys/block/sda/device/timeout"), "30\n");
        _platform.On("/metadata/instance?", Instance(compute));
        SortedDictionary<string, string> before = _root.Contents();
        Tool run = Run("--media-wait", "0", "--imds", $"{_platform.EndPoint}");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("<State>Ready</State>", LastReport);
        Assert.Equal([$"var/lib/azprovision/{VmId}.provisioned"], _root.Contents().Keys.Except(before.Keys));
        Assert.Equal(before.Values, _root.Contents().Where(file => before.ContainsKey(file.Key)).Select(file => file.Value));

        int asked = _platform.Requests.Count;
        Assert.Contains("already provisioned", Run("--media-wait", "0", "--imds", $"{_platform.EndPoint}").Errors);
        Assert.Equal(asked, _platform.Requests.Count);
    }

    [Fact]
    public void An_older_IMDS_that_tells_no_user_does_not_mean_a_specialized_disk()
    {
        _platform.On("/metadata/instance?api-version=2021-08-01", Answer.Status(400));
        _platform.On("/metadata/instance?api-version=2019-06-01", Instance("\"publicKeys\":[]"));
        Tool run = Run("--media", "none", "--imds", $"{_platform.EndPoint}");
        Assert.True(run.ExitCode == 11, run.Errors);
    }

    [Theory]
    [InlineData(Complete, true, 1, "--user-data")]
    [InlineData(Complete, false, 0)]
    [InlineData(Complete + "<CustomData>aGVsbG8K</CustomData>", false, 0, "--user-data")]
    [InlineData(Complete, false, 0, "--user-data", "--skip", "custom-data")]
    [InlineData(Password, true, 1, "--user-data")]
    [InlineData(Password, false, 1)]
    public void User_data_are_asked_for_when_they_are_wanted_and_only_then(
        string elements, bool isKept, int requests, params string[] arguments)
    {
        _platform.On("/metadata/instance?", Instance("\"userData\":\"" + Convert.ToBase64String("#!x\n"u8) + "\""));
        Tool run = Provision(elements, arguments);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(isKept, File.Exists(_root.HostPath("var/lib/azprovision/user-data")));
        Assert.Equal(requests, _platform.Requests.Count(request => request.Target.StartsWith("/metadata/", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_dry_run_asks_nobody_unless_a_flag_names_IMDS()
    {
        File.WriteAllText(_root.HostPath("etc/azprovision.conf"), $"imds = {_platform.EndPoint}\nwireserver = {_platform.EndPoint}\n");
        File.WriteAllText(_media.HostPath("ovf-env.xml"), Document(KnownByName));
        Tool run = Tool.Try("unshare", "--uts", "--", Repository.Binary, "--root", _root.Path, "--media", _media.Path, "--dry-run");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("nobody could log in", run.Errors);
        Assert.Contains("\"name\": \"ada\"", run.Output);
        Assert.Empty(_platform.Requests);

        _platform.On("/metadata/instance?", Instance("\"publicKeys\":[{\"keyData\":\"" + Key + "\"}]"));
        run = Provision(KnownByName, "--dry-run");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains(Key, run.Output);
        Assert.Single(_platform.Requests);
    }

    [Theory]
    [InlineData("imds=silence")]
    [InlineData("imds=410 goalstate=silence")]
    public void The_timeout_is_the_end_of_the_run_with_its_last_word(string script)
    {
        AzurePlatform.Play(_platform, script);
        var watch = Stopwatch.StartNew();
        Tool run = Provision(KnownByName, "--timeout", "4");
        Assert.InRange(watch.Elapsed.TotalSeconds, 2.9, 5.5);
        Assert.True(run.ExitCode == 34, run.Errors);
        Assert.Equal(!script.Contains("goalstate", StringComparison.Ordinal), LastReport.Contains("NotReady", StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_of_64_characters_without_a_dot_becomes_the_machines()
    {
        string name = new('a', 64);
        File.WriteAllText(_media.HostPath("ovf-env.xml"), Document(Complete).Replace(">heron<", $">{name}<", StringComparison.Ordinal));
        Tool run = Tool.Try(
            "unshare",
            "--uts", "--", "sh", "-c", "\"$@\" && uname -n", "sh", Repository.Binary, "--root", _root.Path,
            "--media", _media.Path, "--network", "off", "--imds", "none", "--skip", "report");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(name, run.Output.Trim());
        Assert.Equal(name, _root.Read("etc/hostname").Trim());
    }

    private string LastReport => Encoding.UTF8.GetString(_platform.Requests[^1].Body);

    private static Answer Instance(string compute) => Answer.Status(200, $"{{\"compute\":{{{compute}}}}}");

    private static string Document(string elements) => $"""
        <Environment xmlns="http://schemas.dmtf.org/ovf/environment/1">
          <ProvisioningSection xmlns="http://schemas.microsoft.com/windowsazure">
            <LinuxProvisioningConfigurationSet>
              <HostName>heron</HostName><UserName>ada</UserName>{elements}
            </LinuxProvisioningConfigurationSet>
          </ProvisioningSection>
        </Environment>
        """;

    private void WriteDmi(string vmId)
    {
        Directory.CreateDirectory(_root.HostPath("sys/class/dmi/id"));
        Directory.CreateDirectory(_root.HostPath("sys/firmware/efi"));
        File.WriteAllText(_root.HostPath("sys/class/dmi/id/chassis_asset_tag"), "7783-7084-3265-9085-8269-3286-77\n");
        File.WriteAllText(_root.HostPath("sys/class/dmi/id/product_uuid"), $"{vmId}\n");
    }

    private Tool Provision(string elements, params IEnumerable<string> arguments)
    {
        File.WriteAllText(_media.HostPath("ovf-env.xml"), Document(elements));
        return Run(["--media", _media.Path, "--imds", $"{_platform.EndPoint}", .. arguments]);
    }

    private Tool Run(params IEnumerable<string> arguments) => Provisioning.Run(_root.Path, _platform, arguments);
}
