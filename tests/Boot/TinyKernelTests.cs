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
}
