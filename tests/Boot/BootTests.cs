using System;
using System.Text.RegularExpressions;
using Xunit;

namespace Azprovision.Tests.Boot;

/// <summary>A BusyBox image with the published binary in rc.local, on Debian's cloud kernel, in QEMU.</summary>
public sealed partial class BootTests(GuestImage image) : IClassFixture<GuestImage>
{
    private const string GoalStateRequest = "GET /machine/?comp=goalstate";
    private const string HealthRequest = "POST /machine?comp=health";
    private const string Key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ada@laptop";

    [Fact]
    public void The_first_boot_provisions_and_the_second_does_nothing()
    {
        using var machine = new VirtualMachine(image);
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
        using var machine = new VirtualMachine(image);
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);
        machine.RunAtBoot("""
            rm -r /lib/modules/*/kernel/fs
            exec /usr/sbin/azprovision
            """);

        BootRecord boot = machine.Boot();

        AssertProvisioned(machine, boot);
        Assert.DoesNotContain("udf", boot.FileSystems, StringComparison.Ordinal);
        Assert.DoesNotContain("iso9660", boot.FileSystems, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_ovf_is_reported_with_the_reason()
    {
        using var machine = new VirtualMachine(image);
        string broken = DvdImage.SampleOvf.Replace("</HostName>", "</Hostname>", StringComparison.Ordinal);
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), broken);

        BootRecord boot = machine.Boot();

        Assert.Equal(11, boot.ExitCode);
        Assert.Equal(1, boot.Count(HealthRequest));
        Assert.Contains("<State>NotReady</State>", boot.Received, StringComparison.Ordinal);
        Assert.Contains("<SubStatus>ProvisioningFailed</SubStatus>", boot.Received, StringComparison.Ordinal);
        Assert.Contains(
            "<Description>result=error|reason=error parsing ovf-env.xml: not well-formed at line 7", boot.Received, StringComparison.Ordinal);
        Assert.Contains("guest: nothing left behind", boot.Serial, StringComparison.Ordinal);
        Assert.Contains("guest: host name generalized", boot.Serial, StringComparison.Ordinal);
        Assert.DoesNotContain(machine.Disk.List("/var/lib/azprovision"), IsMarker);
        Assert.DoesNotContain("ada", machine.Disk.Read("/etc/passwd"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wire_server_that_is_busy_and_then_moves_the_container_is_asked_again()
    {
        using var machine = new VirtualMachine(image) { PlatformScript = "goalstate=503,200 health=410,200" };
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);

        BootRecord boot = machine.Boot();

        AssertProvisionedOnDisk(machine, boot);
        // 503 costs a goal state request, 410 on the report another one.
        Assert.Equal(3, boot.Count(GoalStateRequest));
        Assert.Equal(2, boot.Count(HealthRequest));
    }

    [Fact]
    public void The_least_memory_the_kernel_boots_with_is_enough()
    {
        // Debian's kernel panics with less; 20 MB of these are left for programs, fewer than a small kernel leaves of 32.
        using var machine = new VirtualMachine(image) { Megabytes = 80 };
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);

        AssertProvisioned(machine, machine.Boot());
    }

    [Fact]
    public void Neither_proc_nor_sys_nor_an_environment_nor_open_streams_are_needed()
    {
        using var machine = new VirtualMachine(image);
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);
        machine.RunAtBoot("""
            umount /sys /proc
            exec env -i /usr/sbin/azprovision <&- >&- 2>&-
            """);

        AssertProvisioned(machine, machine.Boot());
    }

    private static void AssertProvisioned(VirtualMachine machine, BootRecord boot)
    {
        AssertProvisionedOnDisk(machine, boot);
        Assert.Equal(1, boot.Count(GoalStateRequest));
        Assert.Equal(1, boot.Count(HealthRequest));
    }

    private static void AssertProvisionedOnDisk(VirtualMachine machine, BootRecord boot)
    {
        Assert.True(boot.ExitCode == 0, boot.Serial);
        Assert.Contains("guest: host name heron", boot.Serial, StringComparison.Ordinal);
        Assert.Contains("guest: nothing left behind", boot.Serial, StringComparison.Ordinal);
        Assert.Contains("<State>Ready</State>", boot.Received, StringComparison.Ordinal);

        GuestDisk disk = machine.Disk;
        Assert.Equal("heron\n", disk.Read("/etc/hostname"));
        Assert.Contains("\nada:x:1000:1000:", disk.Read("/etc/passwd"), StringComparison.Ordinal);
        Assert.Matches(ShadowLine(), disk.Read("/etc/shadow"));
        Assert.Contains("\nada:x:1000:", disk.Read("/etc/group"), StringComparison.Ordinal);
        Assert.Equal(Key + "\n", disk.Read("/home/ada/.ssh/authorized_keys"));
        Assert.Equal("100600 1000 1000", disk.Status("/home/ada/.ssh/authorized_keys"));
        Assert.Equal("040700 1000 1000", disk.Status("/home/ada/.ssh"));
        Assert.Equal("#!/bin/sh\necho hello >/tmp/hello\n", disk.Read("/var/lib/azprovision/custom-data"));
        Assert.Equal("100600 0 0", disk.Status("/var/lib/azprovision/custom-data"));
        Assert.Single(disk.List("/var/lib/azprovision"), IsMarker);
    }

    private static bool IsMarker(string name) => name.EndsWith(".provisioned", StringComparison.Ordinal);

    [GeneratedRegex(@"\nada:\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}:")]
    private static partial Regex ShadowLine();
}
