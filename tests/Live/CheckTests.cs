using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>check on a root that runs: changed into, so that its /proc and /sys are what the test put there.</summary>
public sealed class CheckTests : IDisposable
{
    private const string Sys = "sys/bus/vmbus/drivers";

    private readonly Tree _root = new();

    public CheckTests() => Tool.Run("cp", Repository.Binary, _root.HostPath("azprovision"));

    public void Dispose() => _root.Dispose();

    [Fact]
    public void The_configuration_that_a_kernel_tells_is_unpacked_and_drivers_at_work_count()
    {
        string[] options =
        [
            "FUTEX", "MULTIUSER", "INET", "HYPERV", "HYPERV_STORAGE", "HYPERV_NET", "HYPERV_UTILS", "CDROM", "BLK_DEV_SR", "ATA_PIIX",
            "PACKET",
        ];
        Configure([.. options.Where(option => option is not ("INET" or "HYPERV_NET"))]);
        Write("proc/cmdline", "quiet\n");
        Tool run = Check();
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("has no CONFIG_INET", run.Output);
        Assert.Contains("has no hv_netvsc", run.Output);
        Assert.Contains("no console=ttyS0 in /proc/cmdline", run.Output);
        Assert.Equal(2, Missed(run));

        Configure([.. options.Where(option => option != "HYPERV_NET")]);
        Write($"{Sys}/hv_netvsc", "");
        Write("proc/cmdline", "console=ttyS0,115200\n");
        run = Check();
        Assert.Equal(0, Missed(run));
        Assert.DoesNotContain("ttyS0", run.Output);
    }

    [Fact]
    public void Without_configuration_and_modules_only_what_is_at_work_tells()
    {
        Assert.Equal(0, Missed(Check()));
        Directory.CreateDirectory(_root.HostPath("sys/bus/pci/drivers"));
        Assert.Contains("has no hv_vmbus", Check().Output);
        Write($"{Sys}/hv_storvsc", "");
        string found = Check().Output;
        Assert.DoesNotContain("has no hv_vmbus", found);
        Assert.DoesNotContain("has no hv_storvsc", found);
        Assert.Contains("has no hv_netvsc", found);
    }

    [Fact]
    public void Identity_media_and_network_are_those_of_the_machine()
    {
        Write("sys/class/dmi/id/chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77\n");
        Write("sys/class/dmi/id/product_uuid", "4e3f1d2a-90ab-4c1d-8e2f-0123456789ab\n");
        File.Copy(Repository.PathOf("tests/Cases/debian-12-key/ovf-env.xml"), _root.HostPath("ovf-env.xml"));
        string[] before = _root.Listing();
        string found = Check("--media", "/ovf-env.xml").Output;
        Assert.Contains("VM 2a1d3f4e-ab90-1d4c-8e2f-0123456789ab by DMI", found);
        Assert.Contains("ovf-env.xml is read from /ovf-env.xml\n", found);
        Assert.Contains("no route to 127.0.0.1:80, and no network interface", found);
        Assert.DoesNotContain("another platform", found);

        Write("sys/class/dmi/id/chassis_asset_tag", "QEMU\n");
        Write("ovf-env.xml", "<a>");
        Tool run = Check("--media", "/ovf-env.xml", "--json");
        Assert.Equal(4, run.ExitCode);
        string[] errors = [.. JsonDocument.Parse(run.Output).RootElement.GetProperty("findings").EnumerateArray()
            .Where(finding => finding.GetProperty("severity").GetString() != "note")
            .Select(finding => finding.GetProperty("what").GetString()!)];
        Assert.Contains(errors, what => what.StartsWith("DMI names another platform", StringComparison.Ordinal));
        Assert.Contains(errors, what => what.StartsWith("error parsing ovf-env.xml", StringComparison.Ordinal));
        Assert.Equal(before, _root.Listing());
    }

    [Fact]
    public void The_platforms_dns_is_asked_for_the_name_of_this_machine()
    {
        (NetworkNamespace machine, NetworkNamespace server) = NetworkNamespace.Pair();
        using (machine)
        using (server)
        {
            machine.Run("ip", "link", "set", "eth0", "up");
            machine.Run("ip", "address", "add", "10.9.0.2/24", "dev", "eth0");
            using var dnsmasq = new Dnsmasq(server, "--address=/web-1.x.internal/10.9.0.2", "--local=/internal/");
            string found = Check(machine, "web-1");
            Assert.Contains("no search domain", found);
            Assert.Contains("the route to 10.9.0.1:80 leads over eth0", found);
            Assert.Contains("error    platform  the wire server 10.9.0.1:80 takes no connection", found);
            Write("etc/resolv.conf", "nameserver 10.9.0.1\nsearch x.internal\n");
            Assert.Contains("the platform resolves web-1.x.internal\n", Check(machine, "web-1"));
            Assert.Contains("warning  hostname  the platform does not resolve web-2.x.internal", Check(machine, "web-2"));
        }

        string Check(NetworkNamespace network, string name) => network.Try(
            "unshare", "-mu", "--", "sh", "-c",
            $"hostname {name} && exec chroot {_root.Path} /azprovision check --wireserver 10.9.0.1 --imds none --media none").Output;
    }

    private Tool Check(params string[] arguments) => Tool.Try(
        "unshare",
        ["-mun", "--", "chroot", _root.Path, "/azprovision", "check", "--imds", "none", "--wireserver", "127.0.0.1", .. arguments]);

    private static int Missed(Tool run) => Regex.Count(run.Output, "kernel [^ ]+ has no ");

    private void Configure(string[] options)
    {
        string text = "#\n" + string.Concat(options.Select(option => $"CONFIG_{option}=y\n"));
        using var file = new GZipStream(File.Create(Write("proc/config.gz", "").FullName), CompressionLevel.Optimal);
        file.Write(Encoding.ASCII.GetBytes(text));
    }

    private FileInfo Write(string path, string content)
    {
        var file = new FileInfo(_root.HostPath(path));
        file.Directory!.Create();
        File.WriteAllText(file.FullName, content);
        return file;
    }
}
