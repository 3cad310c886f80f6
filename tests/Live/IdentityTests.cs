using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>Which machine the published executable takes this one for, on kernels with and without DMI.</summary>
public sealed class IdentityTests : IDisposable
{
    private const string FromImds = "4e3f2a10-9b7c-4d5e-8f60-1a2b3c4d5e6f.provisioned";

    private readonly Tree _root = new();
    private readonly string _case = Repository.PathOf("tests/Cases/debian-12-key");

    public IdentityTests() => _root.Load(Path.Combine(_case, "before"), Path.Combine(_case, "before.list"));

    public void Dispose() => _root.Dispose();

    [Fact]
    public void An_id_of_IMDS_that_is_no_file_name_is_not_made_one()
    {
        using ScriptedServer platform = AzurePlatform.Healthy(new ScriptedServer());
        string instance = File.ReadAllText(Repository.PathOf("tests/Cases/imds-only/imds.json"));
        string vmId = System.Text.Json.JsonDocument.Parse(instance).RootElement.GetProperty("compute").GetProperty("vmId").GetString()!;
        platform.On("/metadata/instance?", Answer.Status(200, instance.Replace(vmId, "../../../etc/x\\ny", StringComparison.Ordinal)));
        Tool run = RunWithoutDmi(platform, "--media", "none", "--imds", $"{platform.EndPoint}");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal([$"{AzurePlatform.InstanceId}.provisioned"], Markers);
        Assert.Empty(Directory.GetFiles(_root.HostPath("etc"), "x*"));
        Assert.DoesNotContain("etc/x", _root.Read("var/lib/azprovision/record"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_of_IMDS_that_is_no_file_name_is_none_for_a_script_either()
    {
        using ScriptedServer platform = AzurePlatform.Healthy(new ScriptedServer());
        platform.On("/metadata/instance?", Answer.Status(200, """{"compute":{"vmId":"../../../etc/x"}}"""));
        using var media = new Tree();
        File.WriteAllText(media.HostPath("ovf-env.xml"), File.ReadAllText(Repository.PathOf("tests/Live/fault-ovf-env.xml"))
            .Replace("<DisableSshPasswordAuthentication>false</DisableSshPasswordAuthentication>", "", StringComparison.Ordinal));
        Tool run = RunWithoutDmi(platform, "--media", media.Path, "--imds", $"{platform.EndPoint}", "--run-custom-data");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains(platform.Requests, request => request.Target.StartsWith("/metadata/", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(_root.HostPath("etc"), "x*"));
        Assert.Single(Directory.GetFiles(_root.HostPath("var/lib/azprovision"), "*.script-started"));
    }

    [Fact]
    public void A_platform_without_goal_state_provisions_a_copy_of_another_machine()
    {
        using var platform = AzurePlatform.Play(new ScriptedServer(), "goalstate=404");
        Mark("another");
        Tool run = RunWithoutDmi(platform, "--media", Ovf, "--imds", $"{platform.EndPoint}", "--timeout", "15");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal([FromImds, "another.provisioned"], Markers);
    }

    [Fact]
    public void A_moment_without_IMDS_does_not_make_it_another_machine()
    {
        using var platform = AzurePlatform.Play(new ScriptedServer(), "imds=503,200");
        Mark("4e3f2a10-9b7c-4d5e-8f60-1a2b3c4d5e6f");
        Tool run = RunWithoutDmi(platform, "--media", Ovf, "--imds", $"{platform.EndPoint}");
        Assert.Contains("already provisioned", run.Errors);
        Assert.DoesNotContain(platform.Requests, request => request.Method == "POST");
    }

    [Theory]
    [InlineData("d4c3b2a1-f6e5-1807-293a-4b5c6d7e8f90")]
    [InlineData("D4C3B2A1-F6E5-1807-293A-4B5C6D7E8F90")]
    [InlineData("a1b2c3d4-e5f6-0718-293a-4b5c6d7e8f90")]
    public void An_id_in_another_letter_case_or_byte_order_is_no_other_machine(string shown)
    {
        Mark("d4c3b2a1-f6e5-1807-293a-4b5c6d7e8f90");
        WriteDmi("product_uuid", $"{shown}\n");
        Tool run = Provisioning.Run(_root.Path, "--media", Ovf, "--skip", "report");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("already provisioned", run.Errors);
    }

    [Theory]
    [InlineData("--only", "report")]
    [InlineData("--media", "none")]
    [InlineData("--media", "none", "--imds", "none")]
    [InlineData("--media-wait", "0")]
    public void On_another_platform_nothing_is_asked_when_nobody_named_one(params string[] arguments)
    {
        WriteDmi("chassis_asset_tag", "none of Azure's\n");
        foreach (string configuration in (string[])["", "bogus = 1\n"])
        {
            File.WriteAllText(_root.HostPath("etc/azprovision.conf"), configuration);
            string[] names = _root.Listing();
            Tool run = Tool.Try(
                "unshare", ["--uts", "--net", "--", Repository.Binary, "--root", _root.Path, "--timeout", "5", .. arguments]);
            Assert.True(run.ExitCode == 0, run.Errors);
            Assert.EndsWith("this is not Azure: nothing to do\n", run.Errors, StringComparison.Ordinal);
            Assert.Equal(configuration.Length > 0, run.Errors.Contains("warning: /etc/azprovision.conf line 1: bogus: unknown option"));
            Assert.Equal(names, _root.Listing());
        }
    }

    [Fact]
    public void A_mistake_in_the_configuration_is_reported_where_media_name_the_platform()
    {
        using ScriptedServer platform = AzurePlatform.Healthy(new ScriptedServer());
        WriteDmi("chassis_asset_tag", "none of Azure's\n");
        File.WriteAllText(_root.HostPath("etc/azprovision.conf"), "bogus = 1\n");
        Tool run = Provisioning.Run(_root.Path, platform, "--media", Ovf);
        Assert.True(run.ExitCode == 2, run.Errors);
        Assert.Contains("NotReady", Encoding.UTF8.GetString(platform.Requests[^1].Body));
    }

    [Theory]
    [InlineData()]
    [InlineData("--dry-run")]
    public void Another_platform_without_media_is_left_alone_with_or_without_IMDS(params string[] arguments)
    {
        using ScriptedServer platform = AzurePlatform.Healthy(new ScriptedServer());
        WriteDmi("chassis_asset_tag", "none of Azure's\n");
        string[] names = _root.Listing();
        Tool run = Provisioning.Run(_root.Path, platform, ["--media-wait", "0", .. arguments]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("this is not Azure: nothing to do", run.Errors);
        Assert.Equal(names, _root.Listing());
        Assert.DoesNotContain("/etc", run.Output);
        Assert.Equal(arguments.Length > 0, run.Output.Contains("\"source\": null", StringComparison.Ordinal));
        Assert.Empty(platform.Requests);
    }

    [Fact]
    public void An_identity_that_cannot_be_read_is_reported()
    {
        using ScriptedServer platform = AzurePlatform.Healthy(new ScriptedServer());
        WriteDmi("product_uuid", new string('a', 5000));
        Tool run = Provisioning.Run(_root.Path, platform, "--media", Ovf);
        Assert.True(run.ExitCode == 37, run.Errors);
        Assert.Contains("'/sys/class/dmi/id/product_uuid' has 5000 bytes", run.Errors);
        Assert.Contains("NotReady", Encoding.UTF8.GetString(platform.Requests[^1].Body));
    }

    [Fact]
    public void What_a_part_of_the_steps_does_is_no_provisioned_machine_in_the_plan_either()
    {
        Tool run = Provisioning.Run(_root.Path, "--media", Ovf, "--only", "hostname", "--dry-run");
        Assert.Contains("/etc/hostname", run.Output);
        Assert.DoesNotContain("/var/lib/azprovision", run.Output);
    }

    [Fact]
    public void The_directory_of_the_Azure_Linux_Agent_is_private_without_any_other_step_too()
    {
        using ScriptedServer platform = AzurePlatform.Healthy(new ScriptedServer());
        Tool run = Provisioning.Run(_root.Path, platform, "--only", "report", "--waagent-files");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("0700 0:0 d var/lib/waagent", _root.Listing());
    }

    private string Ovf => Path.Combine(_case, "ovf-env.xml");

    private IEnumerable<string> Markers => Directory
        .GetFiles(_root.HostPath("var/lib/azprovision"), "*.provisioned").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private void Mark(string vmId)
    {
        Directory.CreateDirectory(_root.HostPath("var/lib/azprovision"));
        File.WriteAllText(_root.HostPath($"var/lib/azprovision/{vmId}.provisioned"), "");
    }

    private void WriteDmi(string name, string content)
    {
        Directory.CreateDirectory(_root.HostPath("sys/class/dmi/id"));
        File.WriteAllText(_root.HostPath($"sys/class/dmi/id/{name}"), content);
    }

    /// <summary>On a kernel that tells nothing: the host's /sys is hidden.</summary>
    private Tool RunWithoutDmi(ScriptedServer platform, params IEnumerable<string> arguments) => Tool.Try(
        "unshare",
        [
            "--uts", "--mount", "--", "sh", "-c", "mount -t tmpfs none /sys && exec \"$@\"", "sh", Repository.Binary,
            "--root", _root.Path, "--network", "off", "--wireserver", $"{platform.EndPoint}", .. arguments,
        ]);
}
