using System;
using System.Globalization;
using Xunit;

namespace Azprovision.Tests.Boot;

/// <summary>
/// The files of src/boot in the hands of what they are written for: inits and makers of initramfs from Debian's packages.
/// </summary>
public sealed class InitTests(GuestImage image, DebianImage debian) : IClassFixture<GuestImage>, IClassFixture<DebianImage>
{
    [Theory]
    [InlineData("initramfs-tools")]
    [InlineData("dracut")]
    public void An_initramfs_provisions_before_init_and_takes_its_network_down_again(string maker)
    {
        using VirtualMachine machine = Machine(maker);
        // The root is mounted read-only, as is usual; its init does nothing but tell.
        machine.Arguments = "root=/dev/vda ro init=/usr/local/sbin/guest-report";

        BootRecord boot = machine.Boot();

        ProvisionedMachine.AssertIs(machine, boot);
        Assert.Contains("guest: network up no, routes 0", boot.Serial, StringComparison.Ordinal);
    }

    [Fact]
    public void Systemd_provisions_before_sshd_and_logins_over_the_network_of_the_system()
    {
        using VirtualMachine machine = Machine("systemd");

        BootRecord first = machine.Boot();
        ProvisionedMachine.AssertIs(machine, first);
        Assert.Equal(0, first.ExitCode);
        long end = When(first, "ExecMainExitTimestampMonotonic of azprovision.service");
        Assert.InRange(When(first, "ExecMainStartTimestampMonotonic of ssh.service"), end, long.MaxValue);
        Assert.InRange(When(first, "ExecMainStartTimestampMonotonic of systemd-user-sessions.service"), end, long.MaxValue);
        Assert.Contains("guest: network up yes, routes ", first.Serial, StringComparison.Ordinal);

        BootRecord second = machine.Boot();
        Assert.Equal(0, second.ExitCode);
        Assert.Empty(second.Received);
    }

    [Theory]
    [InlineData("sysvinit")]
    [InlineData("openrc")]
    public void Init_scripts_provision_before_sshd(string init)
    {
        using VirtualMachine machine = Machine(init);

        BootRecord boot = machine.Boot();

        ProvisionedMachine.AssertIs(machine, boot);
    }

    private VirtualMachine Machine(string init)
    {
        var machine = new VirtualMachine(debian.For(init, image)) { Megabytes = 512, Processors = 2 };
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);
        return machine;
    }

    private static long When(BootRecord boot, string what) =>
        long.Parse(boot.Said($"guest: {what} "), CultureInfo.InvariantCulture);
}
