using System.IO;
using System.Runtime.InteropServices;

namespace Azprovision.Native;

internal static partial class Libc
{
    private const nuint MS_RDONLY = 1;
    private const nuint MS_NOSUID = 2;
    private const nuint MS_NODEV = 4;
    private const nuint MS_NOEXEC = 8;
    private const nuint MS_REC = 0x4000;
    private const nuint MS_PRIVATE = 0x40000;
    private const int MNT_DETACH = 2;
    private const int UMOUNT_NOFOLLOW = 8;
    private const int CLONE_NEWNS = 0x20000;
    private const nuint CDROMEJECT = 0x5309;
    private const nuint CDROM_LOCKDOOR = 0x5329;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, nint data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(int descriptor, int type);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, nint argument);

    /// <summary>Mounts a disc of somebody else's: read-only, and nothing on it has special rights.</summary>
    internal static void MountReadOnly(string source, string target, string type) =>
        Check(mount(source, target, type, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, 0), $"mount -t {type}", source);

    /// <summary>Unmounts; what is still in use goes as soon as it is not.</summary>
    internal static void Unmount(string target)
    {
        if (umount2(target, UMOUNT_NOFOLLOW) < 0)
        {
            Check(umount2(target, UMOUNT_NOFOLLOW | MNT_DETACH), "umount", target);
        }
    }

    /// <summary>Gives the calling thread a mount namespace and a current and root directory of its own.</summary>
    internal static void UnshareMounts() => Check(unshare(CLONE_NEWNS), "unshare");

    /// <summary>Keeps what is mounted from now on from showing up in other namespaces, and the other way round.</summary>
    internal static void MakeMountsPrivate() => Check(mount("", "/", "", MS_REC | MS_PRIVATE, 0), "mount", "/");

    /// <summary>Puts the calling thread into a mount namespace. Its current and root directory are then that one's root.</summary>
    internal static void EnterMounts(int descriptor) => Check(setns(descriptor, CLONE_NEWNS), "setns");

    internal static void ChangeDirectory(int directory) => Check(fchdir(directory), "fchdir");

    internal static void ChangeRoot(string path) => Check(chroot(path), "chroot", path);

    /// <summary>Opens the tray, also where udev has locked it (60-cdrom_id.rules) to hear of the button.</summary>
    internal static void Eject(int descriptor, string device)
    {
        _ = ioctl(descriptor, CDROM_LOCKDOOR, 0);   // not every drive has a lock
        if (Check(ioctl(descriptor, CDROMEJECT, 0), "eject", device) > 0)
        {
            // SCSI's status, which is no errno.
            throw new IOException($"eject '{device}': refused by the drive");
        }
    }
}
