using Azprovision.Disks;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Disks;

public class FoundDiskTests
{
    private const string Generation2 = "{f8b3781a-1e82-4818-a1c3-63d806ec15bb}\n";

    [Fact]
    public void Generation_1_has_it_on_the_second_ide_port()
    {
        using var root = new TempRoot();
        AddScsi(root, "sda", "0:0:0:0", "00000000-0000-8899-0000-000000000000", "{00000000-0000-8899-0000-000000000000}\n");
        AddScsi(root, "sdb", "1:0:1:0", "00000000-0001-8899-0000-000000000000", "{00000000-0001-8899-0000-000000000000}\n");
        Assert.Equal(new FoundDisk("sdb", IsNvme: false), FoundDisk.TryFind(root.Files));
    }

    [Fact]
    public void Generation_2_has_it_at_LUN_1_of_the_first_controller()
    {
        using var root = new TempRoot();
        AddScsi(root, "sda", "0:0:0:0", "first", Generation2);
        AddScsi(root, "sdb", "1:0:0:1", "second", "{f8b3781b-1e82-4818-a1c3-63d806ec15bb}\n");   // a data disk
        AddScsi(root, "sdc", "0:0:0:1", "first", Generation2);
        AddScsi(root, "sr0", "0:0:0:1", "first", Generation2);
        Assert.Equal("sdc", FoundDisk.TryFind(root.Files)?.Name);
    }

    [Theory]
    [InlineData("Microsoft NVMe Direct Disk                    \n", "nvme1n1")]
    [InlineData("Microsoft NVMe Direct Disk v2\n", "nvme1n1")]
    [InlineData("MSFT NVMe Accelerator v1.0\n", null)]   // remote disks, the root among them
    public void A_local_NVMe_disk_is_one_by_its_model(string model, string? found)
    {
        using var root = new TempRoot();
        root.With("/sys/block/nvme0n1/device/model", "MSFT NVMe Accelerator v1.0\n")
            .With("/sys/block/nvme1n1/device/model", model).With("/sys/block/nvme2n1/device/model", model);
        Assert.Equal(found, FoundDisk.TryFind(root.Files)?.Name);
        Assert.Equal(found is not null, FoundDisk.TryFind(root.Files)?.IsNvme ?? false);
    }

    [Fact]
    public void The_SCSI_one_comes_before_NVMe()
    {
        using var root = new TempRoot();
        root.With("/sys/block/nvme0n1/device/model", "Microsoft NVMe Direct Disk\n");
        AddScsi(root, "sdb", "0:0:0:1", "first", Generation2);
        Assert.Equal("sdb", FoundDisk.TryFind(root.Files)?.Name);
    }

    [Theory]
    [InlineData("/sys/block/loop0/size", "0")]
    [InlineData("/etc/hostname", "x")]
    public void Machines_without_have_none(string path, string content)
    {
        using var root = new TempRoot();
        root.With(path, content).WithLink("/sys/block/vda", "../devices/pci0000:00/0000:00:04.0/virtio1/block/vda")
            .WithLink("/sys/block/sda", "host0");
        Assert.Null(FoundDisk.TryFind(root.Files));
    }

    [Theory]
    [InlineData("sdb", "sdb1")]
    [InlineData("nvme0n1", "nvme0n1p1")]
    public void The_first_partition_has_the_kernel_s_name(string disk, string partition) =>
        Assert.Equal(partition, new FoundDisk(disk, IsNvme: false).Partition);

    private static void AddScsi(TempRoot root, string name, string address, string device, string id) => root
        .With($"/sys/bus/vmbus/devices/{device}/device_id", id)
        .WithLink(
            $"/sys/block/{name}",
            $"../devices/LNXSYSTM:00/VMBUS:01/{device}/host{address[0]}/target{address[..5]}/{address}/block/{name}");
}
