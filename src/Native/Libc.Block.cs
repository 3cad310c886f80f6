using System;
using System.Runtime.InteropServices;

namespace Azprovision.Native;

internal static partial class Libc
{
    private const nuint MS_BIND = 0x1000;
    private const nuint BLKRRPART = 0x125F;
    private const nuint BLKSSZGET = 0x1268;
    private const nuint BLKPG = 0x1269;

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint pwrite(int descriptor, byte* buffer, nuint count, long offset);

    [LibraryImport("libc")]
    private static partial int posix_fallocate(int descriptor, long offset, long length);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mknodat(int directory, string name, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int swapon(string path, int flags);

    internal static unsafe void WriteAllAt(int descriptor, ReadOnlySpan<byte> bytes, long offset, string subject)
    {
        while (bytes.Length > 0)
        {
            fixed (byte* start = bytes)
            {
                nint count = pwrite(descriptor, start, (nuint)bytes.Length, offset);
                if (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR)
                {
                    continue;
                }

                bytes = bytes[(int)Check(count, "write", subject)..];
                offset += count;
            }
        }
    }

    internal static void Sync(int descriptor, string subject) => Check(fsync(descriptor), "fsync", subject);

    /// <summary>Takes the space on the disk that the file will need.</summary>
    internal static void Allocate(int descriptor, long length, string subject)
    {
        int error = posix_fallocate(descriptor, 0, length);
        if (error != 0)
        {
            throw new SyscallException("fallocate", subject, error);
        }
    }

    /// <summary>The logical sector of a block device; 512 for a file that is an image of one.</summary>
    internal static unsafe int SectorSizeOf(int descriptor)
    {
        int size;
        return ioctl(descriptor, BLKSSZGET, (nint)(&size)) < 0 ? 512 : size;
    }

    /// <summary>Has the kernel read the partition table again; what comes of it, shows in what partitions there are.</summary>
    internal static void RereadPartitions(int descriptor) => _ = ioctl(descriptor, BLKRRPART, 0);

    /// <summary>Tells the kernel of partition 1, for one that knows no GPT; the same goes for what comes of it.</summary>
    internal static unsafe void AddFirstPartition(int descriptor, long start, long length)
    {
        const int BLKPG_ADD_PARTITION = 1;
        long* partition = stackalloc long[19];   // struct blkpg_partition: start 8, length 8, pno 4, two names of 64
        new Span<byte>(partition, 19 * sizeof(long)).Clear();
        partition[0] = start;
        partition[1] = length;
        *(int*)(partition + 2) = 1;
        long* argument = stackalloc long[3];   // struct blkpg_ioctl_arg: op 4, flags 4, datalen 4, padding 4, data 8
        argument[0] = BLKPG_ADD_PARTITION;
        argument[1] = 19 * sizeof(long);
        argument[2] = (nint)partition;
        _ = ioctl(descriptor, BLKPG, (nint)argument);
    }

    /// <summary>Makes what null(4) describes; false where there is something of that name, or none can be made.</summary>
    internal static bool TryMakeNullDevice(int directory, string name)
    {
        const uint S_IFCHR = 0x2000;
        const ulong Device = (1 << 8) | 3;   // makedev(1, 3)
        return mknodat(directory, name, S_IFCHR | 0x1B6, Device) == 0;   // 0666
    }

    /// <summary>Mounts on an open directory; false when the device has no such file system, or the kernel does not know it.</summary>
    internal static bool TryMountOn(int directory, string device, string type)
    {
        int error = InDirectory(directory, () => mount(device, ".", type, 0, 0));
        return error switch
        {
            0 => true,
            Errno.EINVAL or Errno.ENODEV => false,
            _ => throw new SyscallException($"mount -t {type}", device, error),
        };
    }

    /// <summary>Shows a directory at a second place too.</summary>
    internal static void BindOn(int directory, string source)
    {
        int error = InDirectory(directory, () => mount(source, ".", "", MS_BIND, 0));
        if (error != 0)
        {
            throw new SyscallException("mount --bind", source, error);
        }
    }

    /// <summary>Unmounts what the open directory is the root of, as soon as nobody uses it.</summary>
    internal static void UnmountHere(int directory, string subject)
    {
        int error = InDirectory(directory, () => umount2(".", MNT_DETACH));
        if (error != 0)
        {
            throw new SyscallException("umount", subject, error);
        }
    }

    /// <summary>Swaps to a file in an open directory; false when that is being done already.</summary>
    internal static bool TrySwapOn(int directory, string name)
    {
        int error = InDirectory(directory, () => swapon(name, 0));
        return error switch
        {
            0 => true,
            Errno.EBUSY => false,
            _ => throw new SyscallException("swapon", name, error),
        };
    }

    // These calls take no directory descriptor, and a path could lead elsewhere by now.
    private static int InDirectory(int directory, Func<int> call)
    {
        using Descriptor old = OpenAt(AT_FDCWD, ".", O_PATH | O_DIRECTORY);
        ChangeDirectory(directory);
        try
        {
            return call() < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        finally
        {
            ChangeDirectory(old.Number);
        }
    }
}
