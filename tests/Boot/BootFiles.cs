namespace Azprovision.Tests.Boot;

/// <summary>What a machine is started from; the disk is copied for it.</summary>
internal sealed record BootFiles(string Kernel, string Initramfs, string RootDisk)
{
    /// <summary>QEMU's "virt" machine instead of a PC.</summary>
    internal bool IsArm64 { get; init; }

    /// <summary>Loads the kernel instead of QEMU, and tells it of SMBIOS where a PC has no need of that.</summary>
    internal string? Firmware { get; init; }
}
