using System;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Boot;

/// <summary>
/// The smallest machine: a kernel without UDF, ISO 9660, /proc, /sys, epoll, modules and file locks, and an initramfs that
/// holds nothing but the published binary and an init that calls it.
/// </summary>
public sealed class TinyKernelTests(TinyImage image) : IClassFixture<TinyImage>
{
    // Of QEMU's -m; kernel, initramfs (packed and unpacked) and program must find room in it. The least that works is 22.
    [Theory]
    [InlineData(32)]
    [InlineData(24)]
    public void The_program_brings_all_that_it_needs(int megabytes)
    {
        using var machine = new VirtualMachine(image.Files)
        {
            Megabytes = megabytes,
            HasScsiDrive = true,
            Arguments = "quiet -- --root /sysroot",
        };
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);

        BootRecord boot = machine.Boot();

        Assert.True(boot.ExitCode == 0, boot.Serial);
        ProvisionedMachine.AssertIs(machine, boot);
    }

    [Fact]
    public void Check_tells_what_it_can_without_proc_and_sys()
    {
        using var machine = new VirtualMachine(image.Files)
        {
            Megabytes = 32,
            HasScsiDrive = true,
            Arguments = "quiet -- check",
        };
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);

        BootRecord boot = machine.Boot();

        Assert.Equal(4, boot.ExitCode);   // of its initramfs: there is no shell
        Assert.Single(boot.Lines("error "));
        Assert.Contains("ovf-env.xml is read from /dev/sr0 by the built-in UDF reader\n", boot.Serial, StringComparison.Ordinal);
        Assert.Contains("a network is made by DHCP for the time of the run", boot.Serial, StringComparison.Ordinal);
        Assert.Contains("guest: nothing left behind", boot.Serial, StringComparison.Ordinal);
        Assert.Empty(boot.Received);
    }
}
