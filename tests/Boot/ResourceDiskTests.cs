using System;
using System.IO;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Boot;

/// <summary>The resource disk in a guest: a SCSI disk and an NVMe one, at the first boot and at the second.</summary>
public sealed class ResourceDiskTests(GuestImage image) : IClassFixture<GuestImage>
{
    // QEMU has neither VMBus nor Microsoft's NVMe disks: their names are put over sysfs, the rest is the kernel's.
    private const string Script = """
        modprobe -a virtio_scsi sd_mod
        mount -t tmpfs none /sys/bus
        if [ -e /sys/block/sda ]; then
          place=$(readlink /sys/block/sda)
          place=${place%/host*}
          mkdir -p "/sys/bus/vmbus/devices/${place##*/}"
          echo '{f8b3781a-1e82-4818-a1c3-63d806ec15bb}' >"/sys/bus/vmbus/devices/${place##*/}/device_id"
        else
          echo 'Microsoft NVMe Direct Disk v2' >/tmp/model
          mount --bind /tmp/model /sys/class/nvme/nvme0/model
        fi
        /usr/sbin/azprovision --resource-disk /mnt --swap 8
        code=$?
        echo "disk: $(grep -c ' /mnt ext4 ' /proc/mounts) $(grep -c swapfile /proc/swaps) $(cat /mnt/file)"
        echo kept >/mnt/file
        swapoff /mnt/swapfile
        umount /mnt
        mount -a && echo "fstab: $(cat /mnt/file)"
        umount /mnt
        exit $code
        """;

    [Theory]
    [InlineData("scsi-hd,lun=1", "sda1")]
    [InlineData("nvme,serial=1", "nvme0n1p1")]
    public void The_first_boot_formats_it_and_the_second_mounts_it(string device, string partition)
    {
        using var machine = new VirtualMachine(image.Files) { TemporaryDiskOn = device };
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);
        machine.TemporaryDisk = machine.InDirectory("temporary");
        using (FileStream file = File.Create(machine.TemporaryDisk))
        {
            file.SetLength(200 << 20);
        }

        if (partition == "sda1")
        {
            Tool.Run("sh", "-ec", """
                printf 'label: dos\nstart=2048, type=7\n' | sfdisk -q "$1"
                truncate -s 199M "$1.ntfs"
                mkntfs -q -F -Q "$1.ntfs"
                dd if="$1.ntfs" of="$1" bs=1M seek=1 conv=notrunc,sparse status=none
                """, "sh", machine.TemporaryDisk);
        }

        machine.RunAtBoot(Script);
        BootRecord first = machine.Boot();
        Assert.True(first.ExitCode == 0, first.Serial);
        Assert.Contains($"'/dev/{partition}' was formatted with ext4 and is mounted on '/mnt'", first.Serial, StringComparison.Ordinal);
        Assert.Equal("1 1 ", first.Said("disk: "));
        Assert.Equal("kept", first.Said("fstab: "));
        Tool.Run("e2fsck", "-fn", machine.TemporaryDisk + "?offset=1048576");

        BootRecord second = machine.Boot();
        Assert.Equal(0, second.ExitCode);
        Assert.Empty(second.Received);
        Assert.Contains("already provisioned", second.Serial, StringComparison.Ordinal);
        Assert.DoesNotContain("formatted", second.Serial, StringComparison.Ordinal);
        Assert.Equal("1 1 kept", second.Said("disk: "));
    }
}
