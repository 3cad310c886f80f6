using System;
using System.Globalization;
using System.IO;
using System.Text;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Boot;

/// <summary>
/// The files of src/boot in the hands of what they are written for: inits and makers of an initramfs from Debian's packages.
/// </summary>
public sealed class InitTests(GuestImage image, DebianImage debian) : IClassFixture<GuestImage>, IClassFixture<DebianImage>
{
    private const string Accepted = "accepted the report 'Ready'";

    [Theory]
    [InlineData("initramfs-tools")]
    [InlineData("dracut")]
    public void An_initramfs_provisions_before_init_and_takes_its_network_down_again(string maker)
    {
        using VirtualMachine machine = Debian(maker);
        // Mounted read-only, as is usual, and with an init that does nothing but tell.
        machine.Arguments = "root=/dev/vda ro init=/usr/local/sbin/guest-report";

        BootRecord boot = machine.Boot();

        ProvisionedMachine.AssertIs(machine, boot);
        AssertNoFailure(boot);
        // By way of the kernel's log, which takes ten lines of one opening in a row and drops the rest.
        Assert.Contains("azprovision: mark as provisioned: done", boot.Serial, StringComparison.Ordinal);
        Assert.Contains("Z mark as provisioned: done", machine.Disk.Read("/var/log/azprovision.log"), StringComparison.Ordinal);
        Assert.Equal("no, routes 0", boot.Said("guest: network up "));
        Assert.StartsWith("ro,", boot.Said("guest: root "), StringComparison.Ordinal);
        string contents = File.ReadAllText(debian.ContentsOf(maker));
        Assert.Contains("usr/sbin/azprovision", contents, StringComparison.Ordinal);
        Assert.DoesNotContain("azprovision-generator", contents, StringComparison.Ordinal);
    }

    [Fact]
    public void Systemd_provisions_before_sshd_and_logins_over_the_network_of_the_system()
    {
        const string Script = "#!/bin/sh\ngrep CapBnd /proc/self/status >/run/script\n";
        using VirtualMachine machine = Debian("systemd");
        machine.Dvd = DvdImage.Udf(machine.InDirectory("script"), DvdImage.SampleOvf.Replace(
            Base64("#!/bin/sh\necho hello >/tmp/hello\n"), Base64(Script), StringComparison.Ordinal));
        machine.Arguments = "quiet azprovision.run-custom-data";

        BootRecord first = machine.Boot();
        Assert.Equal(0, first.ExitCode);
        Assert.Contains("<State>Ready</State>", first.Received, StringComparison.Ordinal);
        Assert.Equal("heron\n", machine.Disk.Read("/etc/hostname"));
        // All of them: a script is not restricted as the unit is.
        Assert.Matches("^CapBnd:\\s+0*1ffffffffff$", first.Said("guest: script "));
        Assert.Equal("active active", first.Said("guest: active "));
        long end = Microseconds(first, "ExecMainExitTimestampMonotonic of azprovision.service");
        Assert.InRange(Microseconds(first, "ExecMainStartTimestampMonotonic of ssh.service"), end, long.MaxValue);
        Assert.InRange(
            Microseconds(first, "ExecMainStartTimestampMonotonic of systemd-user-sessions.service"), end, long.MaxValue);
        Assert.StartsWith("yes, ", first.Said("guest: network up "), StringComparison.Ordinal);

        BootRecord second = machine.Boot();
        Assert.Empty(second.Received);
        Assert.Equal("inactive inactive", second.Said("guest: active "));
        string[] chain = second.Lines("guest: chain ");
        Assert.Contains(chain, line => line.Contains("multi-user.target", StringComparison.Ordinal));
        Assert.DoesNotContain(chain, line => line.Contains("azprovision", StringComparison.Ordinal));
        Assert.DoesNotContain(chain, line => line.Contains("network-online", StringComparison.Ordinal));
    }

    [Fact]
    public void Systemd_leaves_the_unit_what_a_run_needs_that_does_all_by_itself()
    {
        using VirtualMachine machine = Debian("systemd", temporaryDiskOn: "nvme,serial=1");
        machine.TemporaryDisk = machine.InDirectory("temporary");
        using (FileStream file = File.Create(machine.TemporaryDisk))
        {
            file.SetLength(200 << 20);
        }

        // As in ResourceDiskTests; udev has the driver on its way.
        machine.Disk.Write("/etc/systemd/system/azprovision.service.d/model.conf", """
            [Service]
            ExecStartPre=+sh -c 'until [ -e /sys/class/nvme/nvme0/model ]; do sleep 0.1; done'
            ExecStartPre=+sh -c 'echo Microsoft NVMe Direct Disk v2 >/run/model; mount --bind /run/model /sys/class/nvme/nvme0/model'
            """u8.ToArray());
        machine.Arguments = "quiet systemd.mask=systemd-networkd.service azprovision.host-keys=generate "
            + "azprovision.resource-disk=/mnt azprovision.swap=8";

        BootRecord boot = machine.Boot();

        ProvisionedMachine.AssertIs(machine, boot);
        Assert.Equal(0, boot.ExitCode);
        Assert.DoesNotContain(", ignoring", boot.Serial, StringComparison.Ordinal);
        Assert.Equal("1, swap 1", boot.Said("guest: temporary disk "));
        Assert.Equal("no, routes 0", boot.Said("guest: network up "));
        Assert.Contains("SHA256:", boot.Serial, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sysvinit")]
    [InlineData("openrc")]
    public void Init_scripts_provision_before_sshd_is_started(string init)
    {
        using VirtualMachine machine = Debian(init);

        BootRecord boot = machine.Boot();

        ProvisionedMachine.AssertIs(machine, boot);
        AssertNoFailure(boot);
        Assert.InRange(
            boot.Serial.IndexOf("OpenBSD Secure Shell server", StringComparison.Ordinal),
            boot.Serial.IndexOf(Accepted, StringComparison.Ordinal),
            int.MaxValue);
        Assert.Equal("no, routes 0", boot.Said("guest: network up "));
    }

    [Fact]
    public void A_line_in_the_inittab_of_busybox_provisions()
    {
        using VirtualMachine machine = BusyBox();

        BootRecord boot = machine.Boot();

        ProvisionedMachine.AssertIs(machine, boot);
        AssertNoFailure(boot);
        Assert.Equal("no, routes 0", boot.Said("guest: network up "));
    }

    [Fact]
    public void An_rc_local_provisions_over_the_network_that_is_up()
    {
        using VirtualMachine machine = Machine(new VirtualMachine(image.Files));
        Install(machine, "rclocal", "/etc/rc.local");

        BootRecord boot = machine.Boot();

        Assert.Equal(0, boot.ExitCode);
        ProvisionedMachine.AssertIs(machine, boot);
        AssertNoFailure(boot);
    }

    [Fact]
    public void A_failure_is_told_on_the_console_and_the_boot_goes_on()
    {
        using VirtualMachine machine = BusyBox();
        machine.Dvd = DvdImage.Udf(machine.InDirectory("broken"), "<Environment>");

        BootRecord boot = machine.Boot();

        Assert.Contains("azprovision: failed with code 11, the boot goes on\n", boot.Serial, StringComparison.Ordinal);
        Assert.Contains("guest: nothing left behind", boot.Serial, StringComparison.Ordinal);
        Assert.Equal("no, routes 0", boot.Said("guest: network up "));
    }

    [Fact]
    public void A_kernel_argument_turns_it_off()
    {
        using VirtualMachine machine = BusyBox();
        machine.Arguments = "quiet azprovision=off";

        BootRecord boot = machine.Boot();

        Assert.DoesNotContain("azprovision", boot.Serial, StringComparison.Ordinal);
        Assert.Empty(boot.Received);
        Assert.Contains("guest: host name generalized", boot.Serial, StringComparison.Ordinal);
    }

    private VirtualMachine Debian(string init, string temporaryDiskOn = "scsi-hd") => Machine(
        new VirtualMachine(debian.For(init, image)) { Megabytes = 512, Processors = 2, TemporaryDiskOn = temporaryDiskOn });

    /// <summary>The BusyBox root, with nothing done for drivers and network but what our own line does.</summary>
    private VirtualMachine BusyBox()
    {
        VirtualMachine machine = Machine(new VirtualMachine(image.Files));
        string etc = Directory.CreateDirectory(machine.InDirectory("root/etc")).FullName;
        File.WriteAllText(Path.Combine(etc, "inittab"), "::sysinit:/etc/init.d/rcS\n::once:/etc/guest-report\n");
        Install(machine, "inittab", "/etc/inittab");
        machine.Disk.Write("/etc/guest-report", File.ReadAllBytes(Repository.PathOf("tests/Boot/debian/guest-report")));
        machine.Disk.Write("/etc/init.d/rcS", """
            #!/bin/sh
            mount -t proc proc /proc
            mount -t sysfs sys /sys
            hostname -F /etc/hostname

            """u8.ToArray());
        return machine;
    }

    private static void Install(VirtualMachine machine, string init, string file)
    {
        string root = machine.InDirectory("root");
        Tool.Run("make", "-s", "-C", Repository.PathOf("."), $"install-{init}", $"DESTDIR={root}");
        foreach (string path in (string[])[file, "/usr/sbin/azprovision-boot"])
        {
            machine.Disk.Write(path, File.ReadAllBytes(root + path));
        }
    }

    private static VirtualMachine Machine(VirtualMachine machine)
    {
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);
        return machine;
    }

    // The exit code is not told when it is 0.
    private static void AssertNoFailure(BootRecord boot) =>
        Assert.DoesNotContain("failed with code", boot.Serial, StringComparison.Ordinal);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static long Microseconds(BootRecord boot, string what) =>
        long.Parse(boot.Said($"guest: {what} "), CultureInfo.InvariantCulture);
}
