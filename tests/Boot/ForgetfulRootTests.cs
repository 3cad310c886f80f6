using System;
using System.IO;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Boot;

/// <summary>
/// An appliance: a root in a squashfs, a tmpfs over it that is new at each boot, a data partition, and the files of
/// src/boot/buildroot between them.
/// </summary>
public sealed class ForgetfulRootTests(GuestImage image) : IClassFixture<GuestImage>, IDisposable
{
    private const string OtherId = "9a7c5e31-4b2d-4f60-8c1e-ba9876543210";

    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-forgetful-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void It_is_one_machine_at_every_boot_is_reported_once_and_is_another_one_as_another_vm()
    {
        Tool.Run(
            Repository.PathOf("tests/Boot/forgetful.sh"),
            Path.GetDirectoryName(image.Files.RootDisk)!, Repository.PathOf("out/cache"), _directory);
        using VirtualMachine machine = Machine(VirtualMachine.Identity);
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), Ovf("heron", "ada"));

        BootRecord first = machine.Boot();
        AssertIsLoggedInto(first, "heron", "ada");
        Assert.Equal(1, first.Count(ProvisionedMachine.HealthRequest));
        Assert.Contains("<State>Ready</State>", first.Received, StringComparison.Ordinal);
        string hash = first.Said("guest: hash ");
        string hostKey = first.Said("guest: host key ");
        Assert.Matches(@"^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$", hash);

        // The platform takes the DVD away.
        machine.Dvd = null;
        for (int boot = 2; boot <= 3; boot++)
        {
            BootRecord later = machine.Boot();
            AssertIsLoggedInto(later, "heron", "ada");
            Assert.Contains("azprovision: this root is new: it is made VM ", later.Serial, StringComparison.Ordinal);
            Assert.Empty(later.Received);
            Assert.Equal(hash, later.Said("guest: hash "));
            Assert.Equal(hostKey, later.Said("guest: host key "));
        }

        using VirtualMachine other = Machine(OtherId);
        other.Dvd = DvdImage.Udf(other.InDirectory("dvd"), Ovf("egret", "grace"));
        BootRecord capture = other.Boot();
        AssertIsLoggedInto(capture, "egret", "grace");
        Assert.Equal(1, capture.Count(ProvisionedMachine.HealthRequest));
        Assert.NotEqual(hash, capture.Said("guest: hash "));
        Assert.NotEqual(hostKey, capture.Said("guest: host key "));
    }

    /// <summary>They share the data partition.</summary>
    private VirtualMachine Machine(string id) =>
        new(image.Files with { Initramfs = InDirectory("initramfs"), RootDisk = InDirectory("root.squashfs") })
        {
            Id = id,
            Images = [InDirectory("data.ext4")],
            Arguments = "quiet data=/dev/vdb azprovision.state=/data/azprovision",
        };

    private string Ovf(string host, string user) => DvdImage.SampleOvf
        .Replace("<HostName>heron<", $"<HostName>{host}<", StringComparison.Ordinal)
        .Replace("<UserName>ada<", $"<UserName>{user}<", StringComparison.Ordinal)
        .Replace("/home/ada/", $"/home/{user}/", StringComparison.Ordinal)
        .Replace(ProvisionedMachine.Key, File.ReadAllText(InDirectory("key.pub")).Trim(), StringComparison.Ordinal);

    private static void AssertIsLoggedInto(BootRecord boot, string host, string user)
    {
        Assert.Equal("overlay", boot.Said("guest: root "));
        Assert.StartsWith($"{user}:x:1000:1000:", boot.Said("guest: user "), StringComparison.Ordinal);
        Assert.Equal($"{user} 1000 1000:700 1000:600 on {host}", boot.Said("guest: login "));
        // Its own network is gone.
        Assert.DoesNotContain("guest: still up", boot.Serial, StringComparison.Ordinal);
    }

    private string InDirectory(string name) => Path.Combine(_directory, name);
}
