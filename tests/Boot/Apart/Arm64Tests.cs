using System;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Boot.Apart;

/// <summary>The arm64 executable in QEMU: "make boot-arm64" builds and runs both, "make test-arm64" the first, "make boot" neither.</summary>
public sealed class Arm64Tests(Arm64Image image) : IClassFixture<Arm64Image>
{
    [Fact]
    public void A_debian_kernel_is_provisioned_over_a_network_of_its_own_and_the_second_boot_is_silent()
    {
        using var machine = new VirtualMachine(image.Debian()) { HasScsiDrive = true, Megabytes = 256 };
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);
        machine.RunAtBoot("""
            ip addr flush dev eth0
            ip link set eth0 down
            exec /usr/sbin/azprovision
            """);

        BootRecord first = machine.Boot();
        Assert.True(first.ExitCode == 0, first.Serial);
        ProvisionedMachine.AssertIs(machine, first);
        Assert.Contains("udf", first.FileSystems, StringComparison.Ordinal);
        Assert.Contains("lease", first.Serial, StringComparison.Ordinal);

        BootRecord second = machine.Boot();
        Assert.Equal(0, second.ExitCode);
        Assert.Empty(second.Received);
        Assert.Contains("already provisioned", second.Serial, StringComparison.Ordinal);
    }

    [Fact]
    public void The_smallest_kernel_gives_all_that_the_program_needs()
    {
        using var machine = new VirtualMachine(image.Tiny())
        {
            Megabytes = 17,   // the least that works is 15
            HasScsiDrive = true,
            Arguments = "quiet -- --root /sysroot",
        };
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);

        BootRecord boot = machine.Boot();

        Assert.True(boot.ExitCode == 0, boot.Serial);
        ProvisionedMachine.AssertIs(machine, boot);
    }
}
