using System;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>What the host and the log are told beside the health report.</summary>
public sealed class HostMessagesTests : IDisposable
{
    private const string Pool = "var/lib/hyperv/.kvp_pool_1";
    private const string RoleProperties = "/machine?comp=roleProperties";

    private readonly Tree _root = new();
    private readonly string _case = Repository.PathOf("tests/Cases/debian-12-key");
    private readonly ScriptedServer _platform = AzurePlatform.Healthy(new ScriptedServer());

    public HostMessagesTests()
    {
        _root.Load(Path.Combine(_case, "before"), Path.Combine(_case, "before.list"));
        Directory.CreateDirectory(Path.GetDirectoryName(_root.HostPath(Pool))!);
        Directory.CreateDirectory(_root.HostPath("etc/ssh"));
        foreach (string type in (string[])["rsa", "ed25519", "ecdsa"])
        {
            Tool.Run("ssh-keygen", "-q", "-N", "", "-t", type, "-f", _root.HostPath($"etc/ssh/ssh_host_{type}_key"));
        }
    }

    public void Dispose()
    {
        _platform.Dispose();
        _root.Dispose();
    }

    [Fact]
    public void All_host_keys_are_in_the_log_and_one_is_told_the_platform_after_Ready()
    {
        _platform.On(RoleProperties, Answer.Status(202, ""));
        Tool run = Run();
        Assert.True(run.ExitCode == 0, run.Errors);
        foreach (string type in (string[])["rsa", "ed25519", "ecdsa"])
        {
            Assert.Contains($"SSH host key: {Printed(type)}", run.Errors);
        }

        string[] posts = [.. _platform.Requests.Where(request => request.Method == "POST").Select(request => request.Target)];
        Assert.Equal(["/machine?comp=health", RoleProperties], posts);
        string fingerprint = Printed("rsa").Split(' ')[1].Replace(":", "", StringComparison.Ordinal);
        Assert.Equal(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><RoleProperties><Container>"
            + $"<ContainerId>{AzurePlatform.ContainerId}</ContainerId><RoleInstances><RoleInstance><Id>{AzurePlatform.InstanceId}</Id>"
            + $"<Properties><Property name=\"CertificateThumbprint\" value=\"{fingerprint}\" /></Properties>"
            + "</RoleInstance></RoleInstances></Container></RoleProperties>",
            Encoding.UTF8.GetString(_platform.Requests.Last().Body));
    }

    [Fact]
    public void A_platform_that_does_not_want_it_is_asked_once_and_nothing_is_said()
    {
        _platform.On(RoleProperties, Answer.Status(500, ""));
        Tool run = Run();
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Single(_platform.Requests, request => request.Target == RoleProperties);
        Assert.DoesNotContain("not reported", run.Errors);
        Assert.DoesNotContain("warning:", run.Errors);
    }

    [Fact]
    public void With_report_host_key_no_it_is_only_in_the_log()
    {
        Tool run = Run("--report-host-key", "no");
        Assert.Contains($"SSH host key: {Printed("rsa")}", run.Errors);
        Assert.DoesNotContain(_platform.Requests, request => request.Target == RoleProperties);
    }

    [Fact]
    public void The_host_is_told_of_success_and_of_failure_in_one_record()
    {
        string ovf = _root.HostPath("broken.xml");
        File.WriteAllText(ovf, "<Environment>");
        Tool failed = Run("--media", ovf);
        Assert.Equal(11, failed.ExitCode);
        string report = Assert.Single(Records());
        Assert.StartsWith("PROVISIONING_REPORT=result=error|reason=", report);
        string posted = Encoding.UTF8.GetString(_platform.Requests.Last().Body);
        Assert.Contains($"<Description>{report["PROVISIONING_REPORT=".Length..]}</Description>", posted);

        Tool run = Run();
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.StartsWith("PROVISIONING_REPORT=result=success|agent=azprovision/", Assert.Single(Records()));
    }

    [Fact]
    public void A_platform_that_cannot_be_reached_leaves_the_host_to_tell()
    {
        using var silent = AzurePlatform.Play(new ScriptedServer(), "goalstate=403 health=403");
        Tool run = Provisioning.Run(
            _root.Path, silent, "--media", Path.Combine(_case, "ovf-env.xml"), "--timeout", "2");
        Assert.NotEqual(0, run.ExitCode);
        Assert.StartsWith("PROVISIONING_REPORT=result=error|reason=", Assert.Single(Records()));
    }

    private Tool Run(params string[] arguments) => Provisioning.Run(
        _root.Path, _platform, ["--media", Path.Combine(_case, "ovf-env.xml"), .. arguments]);

    private string Printed(string type) =>
        Tool.Run("ssh-keygen", "-lf", _root.HostPath($"etc/ssh/ssh_host_{type}_key.pub")).Trim();

    private string[] Records() => [.. File.ReadAllBytes(_root.HostPath(Pool)).Chunk(2560)
        .Select(record => $"{Text(record.AsSpan(0, 512))}={Text(record.AsSpan(512))}")];

    private static string Text(ReadOnlySpan<byte> field) => Encoding.UTF8.GetString(field.TrimEnd((byte)0));
}
