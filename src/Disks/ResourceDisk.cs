using System;
using System.Globalization;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Disks;

/// <summary>
/// Step resource-disk: finds the temporary disk, makes a file system on it if it holds nothing but what the platform puts
/// there, mounts it and swaps to it. No machine fails because of it: what goes wrong is a warning.
/// </summary>
internal sealed class ResourceDisk(Host host, FoundDisk disk, string directory, long swapBytes)
{
    private const string Notice = "DATALOSS_WARNING_README.txt";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly string _device = $"{host.Devices}/{disk.Name}";
    private readonly string _partition = $"{host.Devices}/{disk.Partition}";

    private static ReadOnlySpan<byte> NoticeText => """
        WARNING: THIS IS A TEMPORARY DISK.

        What is stored here is lost for good when the virtual machine is deallocated, resized or moved to another
        host. Keep nothing here that you cannot do without: data disks are for that.

        https://learn.microsoft.com/azure/virtual-machines/managed-disks-overview#temporary-disk

        """u8;

    private static SystemRoot Sys(Host host) => host.Files.NamesIn("/sys/block").Count > 0 ? host.Files : host.Kernel;

    internal static void Plan(PlannedRoot root, Host host, string directory, int swapMebibytes)
    {
        if (FoundDisk.TryFind(Sys(host)) is not { } found)
        {
            host.Log.Info("this machine has no resource disk");
            return;
        }

        var disk = new ResourceDisk(host, found, directory, (long)swapMebibytes << 20);
        disk.Try(() => disk.Plan(root));
    }

    private void Plan(PlannedRoot root)
    {
        FileSystem? fileSystem = FileSystem.TryFind(host.Files);
        if (TryInspect() is not DiskContents.Ours && fileSystem is null)
        {
            throw new IOException("there is no mkfs for ext4, xfs or btrfs");
        }

        root.Edit(Fstab.Path, Fstab.With(root.TryRead(Fstab.Path), directory), new Ownership(0x1A4));   // 0644
        if (!root.IsDirectory(directory))
        {
            root.Directory(directory, new Ownership(0x1ED));   // 0755
        }

        root.Call(_device, () => Try(() => Use(fileSystem)));
    }

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            host.Log.Warning($"resource disk '{_device}': {e.Message}, ignoring");
        }
    }

    /// <summary>Null: a dry run that may not look.</summary>
    private DiskContents? TryInspect()
    {
        try
        {
            return Inspect(Libc.OpenAt(Libc.AT_FDCWD, _device, Libc.O_RDONLY));
        }
        catch (SyscallException e) when (e.Errno == Errno.EACCES && !Libc.IsRoot)
        {
            return null;
        }
    }

    private DiskContents Inspect(Descriptor device)
    {
        using var stream = new DescriptorStream(device, _device);
        return DiskInspection.Inspect(new Disc(stream), Libc.SectorSizeOf(device.Number), disk.IsNvme);
    }

    private void Use(FileSystem? fileSystem)
    {
        if (!IsMountPoint())
        {
            Mount(fileSystem);
        }
        else if (!IsPartitionInUse())
        {
            throw new IOException($"something else is mounted on '{directory}'");
        }

        if (swapBytes > 0)
        {
            using Descriptor mounted = host.Files.OpenDirectory(directory);
            host.Log.Info(SwapFile.Use(mounted.Number, swapBytes)
                ? $"swapping to {swapBytes >> 20} MiB in '{directory}'"
                : $"swapping to '{directory}' already");
        }
    }

    private void Mount(FileSystem? fileSystem)
    {
        // While we hold this lock, udev neither looks into the disk nor has its table read again (systemd.io,
        // "Locking Block Device Access").
        using Descriptor whole = Libc.OpenAt(Libc.AT_FDCWD, _device, Libc.O_RDWR);
        if (!Retry.Until(() => Libc.TryFlock(whole.Number, _device), s_look, host.Deadline.Within(s_patience)))
        {
            throw new IOException("it is locked by another program");
        }

        DiskContents contents = Format(whole, fileSystem);
        WaitForPartition(whole);
        using Descriptor place = host.Files.OpenDirectory(directory);
        string type = FileSystem.Mount(_partition, place.Number);
        host.Log.Info(contents == DiskContents.Ours
            ? $"'{_partition}' is mounted on '{directory}'"
            : $"'{_partition}' was formatted with {type} and is mounted on '{directory}'");
        WriteNotice();
    }

    /// <summary>
    /// Looks once more, now as the only one who may use the disk, and only then writes. The name of the partition keeps
    /// what was done across a power cut: until there is a file system, nobody can have put anything on it.
    /// </summary>
    private DiskContents Format(Descriptor whole, FileSystem? fileSystem)
    {
        var ids = (NewId(), NewId());
        DiskContents contents;
        using (Descriptor exclusive = OpenExclusively())
        {
            contents = Inspect(Libc.OpenAt(Libc.AT_FDCWD, _device, Libc.O_RDONLY));
            if (contents == DiskContents.Ours)
            {
                return contents;
            }

            WriteTable(exclusive, DiskInspection.UnfinishedName, ids);
        }

        WaitForPartition(whole);
        fileSystem!.Make(host, disk.Partition);
        using Descriptor again = OpenExclusively();
        WriteTable(again, DiskInspection.FinishedName, ids);
        return contents;
    }

    private Descriptor OpenExclusively() => Libc.OpenAt(Libc.AT_FDCWD, _device, Libc.O_RDWR | Libc.O_EXCL);

    private Guid NewId()
    {
        byte[] bytes = new byte[16];
        return Retry.Until(() => Libc.TryGetRandom(bytes), s_look, host.Deadline.Within(s_patience))
            ? new Guid(bytes)
            : throw new IOException("the kernel has no random numbers yet");
    }

    private void WriteTable(Descriptor device, string name, (Guid Disk, Guid Partition) ids)
    {
        long length = Libc.LengthOf(device.Number, _device);
        (byte[] head, byte[] tail) = Gpt.Make(length, Libc.SectorSizeOf(device.Number), name, ids);
        Libc.WriteAllAt(device.Number, tail, length - tail.Length, _device);
        Libc.WriteAllAt(device.Number, head, 0, _device);
        Libc.Sync(device.Number, _device);
    }

    /// <summary>Until the kernel has the partition where our table has it, and its node is there.</summary>
    private void WaitForPartition(Descriptor whole)
    {
        Partition wanted = Gpt.PartitionOf(
            Libc.LengthOf(whole.Number, _device), Libc.SectorSizeOf(whole.Number), DiskInspection.FinishedName);
        bool isThere = Retry.Until(
            () =>
            {
                if (!IsThere(wanted))
                {
                    Libc.RereadPartitions(whole.Number);
                }

                if (!IsThere(wanted))
                {
                    Libc.AddFirstPartition(whole.Number, wanted.Start, wanted.Length);
                }

                return IsThere(wanted);
            },
            s_look,
            host.Deadline.Within(s_patience));
        if (!isThere)
        {
            throw new IOException($"no '{_partition}' came up");
        }
    }

    private bool IsThere(Partition wanted) =>
        ReadSectors("start") == wanted.Start && ReadSectors("size") == wanted.Length
        && Libc.TryStatusAt(Libc.AT_FDCWD, _partition, _partition) is { IsBlockDevice: true };

    // In units of 512 bytes, whatever the disk's sectors are.
    private long ReadSectors(string attribute) =>
        Sys(host).TryRead($"/sys/block/{disk.Name}/{disk.Partition}/{attribute}") is { } text
            && long.TryParse(Encoding.ASCII.GetString(text).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            ? count * 512
            : -1;

    private bool IsMountPoint()
    {
        using Descriptor place = host.Files.OpenDirectory(directory);
        return Libc.TryStatusAt(place.Number, "..", directory) is { } parent
            && parent.Device != Libc.StatusOf(place.Number, directory).Device;
    }

    private bool IsPartitionInUse()
    {
        try
        {
            using Descriptor? free = Libc.TryOpenAt(Libc.AT_FDCWD, _partition, Libc.O_RDONLY | Libc.O_EXCL);
            return false;
        }
        catch (SyscallException e) when (e.Errno == Errno.EBUSY)
        {
            return true;
        }
    }

    private void WriteNotice()
    {
        using Descriptor mounted = host.Files.OpenDirectory(directory);
        if (Libc.TryStatusAt(mounted.Number, Notice, Notice) is null)
        {
            using Descriptor file = Libc.OpenAt(
                mounted.Number, Notice, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW, 0x1A4);   // 0644
            Libc.WriteAll(file.Number, NoticeText, Notice);
        }
    }
}
