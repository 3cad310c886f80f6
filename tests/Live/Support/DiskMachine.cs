using System;
using System.IO;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Live.Support;

/// <summary>
/// A root with this machine's programs, and an image as its resource disk: a loop device whose place in the root's sysfs
/// says that it is LUN 1 of Azure's first SCSI controller. All in mount and UTS namespaces of its own.
/// </summary>
internal sealed class DiskMachine(DiskImage image) : IDisposable
{
    // root, image, program, then the script of the test. The device is $disk, its partition $part.
    private const string Setup = """
        set -eu
        root=$1 image=$2 program=$3
        mount -t tmpfs none "$root"
        mkdir -p "$root/usr" "$root/etc" "$root/dev" "$root/mnt" "$root/sys/block" "$root/sys/bus/vmbus/devices/v"
        mount --bind /usr "$root/usr"
        for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
        disk=$(losetup --find --show --partscan "$image")
        part=${disk}p1
        name=${disk#/dev/}
        end() {
          swapoff "$root/mnt/swapfile" 2>/dev/null || true
          umount "$root/mnt" 2>/dev/null || true
          losetup --detach "$disk"
        }
        trap end EXIT
        place=devices/v/host0/target0:0:0/0:0:0:1/block/$name
        mkdir -p "$root/sys/$place"
        mount --bind "/sys/block/$name" "$root/sys/$place"
        ln -s "../$place" "$root/sys/block/$name"
        echo '{f8b3781a-1e82-4818-a1c3-63d806ec15bb}' >"$root/sys/bus/vmbus/devices/v/device_id"
        azprovision() { "$program" --root "$root" --network off --imds none --only resource-disk --resource-disk /mnt "$@" 2>&1; }

        """;

    private readonly string _root = Directory.CreateTempSubdirectory("azprovision-machine-").FullName;

    /// <summary>What a shell script says that may call azprovision.</summary>
    internal string Run(string script) => Tool.Run(
        "unshare", "--mount", "--uts", "sh", "-c", Setup + script, "sh", _root, image.Path, Repository.Binary);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
