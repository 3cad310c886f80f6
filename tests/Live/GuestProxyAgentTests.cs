using System;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>A machine for which the platform asks for the guest proxy agent, whose package Debian does not have.</summary>
public sealed class GuestProxyAgentTests : IDisposable
{
    private const string Agent = "usr/sbin/azure-proxy-agent";

    private readonly Tree _root = new();

    public GuestProxyAgentTests()
    {
        string sample = Repository.PathOf("tests/Cases/debian-12-key");
        _root.Load(Path.Combine(sample, "before"), Path.Combine(sample, "before.list"));
        File.WriteAllText(_root.HostPath("ovf-env.xml"), File.ReadAllText(Path.Combine(sample, "ovf-env.xml")).Replace(
            "<ProvisionGuestProxyAgent>false", "<ProvisionGuestProxyAgent>true", StringComparison.Ordinal));
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Without_it_the_platform_is_told_and_nothing_is_changed()
    {
        string[] before = _root.Listing();
        using ScriptedServer platform = AzurePlatform.Healthy(new ScriptedServer());
        Tool run = Provisioning.Run(_root.Path, platform, "--media", _root.HostPath("ovf-env.xml"));
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("ask the guest proxy agent: azure-proxy-agent not found", run.Errors);
        Assert.Contains(
            "result=error|reason=azure-proxy-agent not found|agent=azprovision/",
            Encoding.UTF8.GetString(platform.Requests.Last(request => request.Method == "POST").Body));
        _root.RemoveReason();
        Assert.Equal(before, _root.Listing());
        Assert.Equal(0, Provisioning.Run(_root.Path, "--media", _root.HostPath("ovf-env.xml"), "--dry-run").ExitCode);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(7, 4)]
    public void Its_status_decides_before_anything_is_changed(int status, int exitCode)
    {
        File.Copy(Repository.Binary, _root.HostPath("azprovision"));
        File.Copy("/bin/busybox", _root.HostPath("busybox"));
        Directory.CreateDirectory(Path.GetDirectoryName(_root.HostPath(Agent))!);
        File.WriteAllText(_root.HostPath(Agent), $"#!/busybox sh\n/busybox echo \"$@\" >/asked\nexit {status}\n");
        Tool.Run("chmod", "755", _root.HostPath(Agent));
        string[] before = _root.Listing();
        Tool run = Tool.Try(
            "unshare",
            [
                "-mun", "--", "chroot", _root.Path, "/azprovision", "--media", "/ovf-env.xml", "--skip", "report", "--network", "off",
                "--imds", "none",
            ]);
        Assert.True(run.ExitCode == exitCode, run.Errors);
        Assert.Equal("--status --wait 120\n", _root.Read("asked"));
        if (exitCode != 0)
        {
            Assert.Contains("azure-proxy-agent ended with exit code 7", run.Errors);
            Assert.Contains("azure-proxy-agent status failure", run.Errors);
            _root.RemoveReason();
            Assert.Equal(before, _root.Listing().Where(line => !line.EndsWith(" asked", StringComparison.Ordinal)));
        }
    }
}
