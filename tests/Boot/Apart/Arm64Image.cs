using System;
using System.IO;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Boot.Apart;

/// <summary>The arm64 executable: on Debian's cloud kernel and a BusyBox root, and alone on the smallest kernel.</summary>
public sealed class Arm64Image : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-arm64-").FullName;

    /// <summary>Started by UEFI, as Azure does: only so is there an SMBIOS on arm64.</summary>
    internal BootFiles Debian() => Make("debian", "tests/Boot/image.sh", "root.ext4") with
    {
        Firmware = "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd",
    };

    internal BootFiles Tiny() => Make("tiny", "tests/Boot/kernel/image.sh", "root.ext2");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private BootFiles Make(string name, string script, string disk)
    {
        string directory = Path.Combine(_directory, name);
        Tool.Run(
            Repository.PathOf(script), "--arch", "arm64", Repository.PathOf("out/arm64/azprovision"), Repository.PathOf("out/cache"),
            directory);
        return new BootFiles(
            Path.Combine(directory, "vmlinuz"), Path.Combine(directory, "initramfs"), Path.Combine(directory, disk))
        {
            IsArm64 = true,
        };
    }
}
