using System;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Boot;

/// <summary>A BusyBox image with the published binary in rc.local, on Debian's cloud kernel, in QEMU.</summary>
public sealed class BootTests(GuestImage image) : IClassFixture<GuestImage>
{
    [Fact]
    public void The_first_boot_provisions_and_the_second_does_nothing()
    {
        using var machine = new VirtualMachine(image.Files);
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);

        BootRecord first = machine.Boot();
        AssertProvisioned(machine, first);
        Assert.Contains("udf", first.FileSystems, StringComparison.Ordinal);
        string passwd = machine.Disk.Read("/etc/passwd");
        string shadow = machine.Disk.Read("/etc/shadow");

        BootRecord second = machine.Boot();
        Assert.Equal(0, second.ExitCode);
        Assert.Empty(second.Received);
        Assert.Contains("already provisioned", second.Serial, StringComparison.Ordinal);
        Assert.Equal(passwd, machine.Disk.Read("/etc/passwd"));
        Assert.Equal(shadow, machine.Disk.Read("/etc/shadow"));
    }

    [Fact]
    public void A_kernel_without_udf_and_iso9660_needs_neither()
    {
        using var machine = new VirtualMachine(image.Files);
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);
        machine.RunAtBoot("""
            rm -r /lib/modules/*/kernel/fs
            /usr/sbin/azprovision check >/dev/console
            exec /usr/sbin/azprovision
            """);

        BootRecord boot = machine.Boot();

        // Of Debian's cloud kernel this image has a few modules only, and none of Hyper-V's.
        string[] errors = boot.Lines("error ");
        Assert.Equal(3, errors.Length);
        foreach (string driver in (string[])["hv_vmbus", "hv_storvsc", "hv_netvsc"])
        {
            Assert.Contains(errors, line => line.Contains($"has no {driver}: ", StringComparison.Ordinal));
        }

        Assert.Contains("has no hv_utils: ", Assert.Single(boot.Lines("warning  drivers")), StringComparison.Ordinal);
        Assert.Matches("VM [0-9a-f-]{36} by DMI", boot.Serial);
        Assert.Contains("ovf-env.xml is read from /dev/sr0 by the built-in UDF reader\n", boot.Serial, StringComparison.Ordinal);

        AssertProvisioned(machine, boot);
        Assert.DoesNotContain("udf", boot.FileSystems, StringComparison.Ordinal);
        Assert.DoesNotContain("iso9660", boot.FileSystems, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_ovf_is_reported_with_the_reason()
    {
        using var machine = new VirtualMachine(image.Files);
        string broken = DvdImage.SampleOvf.Replace("</HostName>", "</Hostname>", StringComparison.Ordinal);
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), broken);

        BootRecord boot = machine.Boot();

        Assert.Equal(11, boot.ExitCode);
        Assert.Equal(1, boot.Count(ProvisionedMachine.HealthRequest));
        Assert.Contains("<State>NotReady</State>", boot.Received, StringComparison.Ordinal);
        Assert.Contains("<SubStatus>ProvisioningFailed</SubStatus>", boot.Received, StringComparison.Ordinal);
        Assert.Contains(
            "<Description>result=error|reason=error parsing ovf-env.xml: not well-formed at line 7", boot.Received, StringComparison.Ordinal);
        Assert.Contains("guest: nothing left behind", boot.Serial, StringComparison.Ordinal);
        Assert.Contains("guest: host name generalized", boot.Serial, StringComparison.Ordinal);
        Assert.DoesNotContain(machine.Disk.List("/var/lib/azprovision"), ProvisionedMachine.IsMarker);
        Assert.DoesNotContain("ada", machine.Disk.Read("/etc/passwd"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wire_server_that_is_busy_and_then_moves_the_container_is_asked_again()
    {
        using var machine = new VirtualMachine(image.Files) { PlatformScript = "goalstate=503,200 health=410,200" };
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);

        BootRecord boot = machine.Boot();

        ProvisionedMachine.AssertIsOnDisk(machine, boot);
        // 503 costs a goal state request, 410 on the report another one.
        Assert.Equal(3, boot.Count(ProvisionedMachine.GoalStateRequest));
        Assert.Equal(2, boot.Count(ProvisionedMachine.HealthRequest));
    }

    [Fact]
    public void The_least_memory_the_kernel_boots_with_is_enough()
    {
        // Debian's kernel panics with less; 20 MB of these are left for programs, fewer than a small kernel leaves of 32.
        using var machine = new VirtualMachine(image.Files) { Megabytes = 80 };
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);

        AssertProvisioned(machine, machine.Boot());
    }

    [Fact]
    public void Neither_proc_nor_sys_nor_an_environment_nor_open_streams_are_needed()
    {
        using var machine = new VirtualMachine(image.Files);
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);
        machine.RunAtBoot("""
            umount /sys /proc
            exec env -i /usr/sbin/azprovision <&- >&- 2>&-
            """);

        AssertProvisioned(machine, machine.Boot());
    }

    private static void AssertProvisioned(VirtualMachine machine, BootRecord boot)
    {
        Assert.True(boot.ExitCode == 0, boot.Serial);
        ProvisionedMachine.AssertIs(machine, boot);
    }
}
