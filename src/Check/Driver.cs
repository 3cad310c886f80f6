namespace Azprovision.Check;

/// <summary>A driver that machines of the platform need, or some of them do.</summary>
/// <param name="Option">of the kernel's configuration</param>
/// <param name="Trace">what is there in /sys or /proc when it is at work</param>
/// <param name="TraceParent">what is there then whether it is at work or not</param>
/// <param name="Without">what does not work without it</param>
internal sealed record Driver(
    string Name, string Option, string Trace, string TraceParent, Severity Severity, string Subject, string Without)
{
    private const string Ide = "ata_piix";
    private const string VmBus = "/sys/bus/vmbus";

    internal bool IsForIde => Name == Ide;

    internal static Driver[] All { get; } =
    [
        new("hv_vmbus", "CONFIG_HYPERV", VmBus, "/sys/bus", Severity.Error, "drivers", "no disk and no network interface is found"),
        new("hv_storvsc", "CONFIG_HYPERV_STORAGE", $"{VmBus}/drivers/hv_storvsc", VmBus, Severity.Error, "drivers",
            "disks are not found, nor the DVD of a generation 2 machine"),
        new("hv_netvsc", "CONFIG_HYPERV_NET", $"{VmBus}/drivers/hv_netvsc", VmBus, Severity.Error, "drivers",
            "there is no network to report Ready over"),
        new("hv_utils", "CONFIG_HYPERV_UTILS", $"{VmBus}/drivers/hv_utils", VmBus, Severity.Warning, "drivers",
            "no clock synchronization, no shutdown by the host, no KVP report"),
        new("cdrom", "CONFIG_CDROM", "/proc/sys/dev/cdrom", "/proc/sys/dev", Severity.Error, "media",
            "the provisioning DVD cannot be read"),
        new("sr_mod", "CONFIG_BLK_DEV_SR", "/sys/bus/scsi/drivers/sr", "/sys/bus", Severity.Error, "media",
            "the provisioning DVD cannot be read: no password and no custom data"),
        new(Ide, "CONFIG_ATA_PIIX", "/sys/bus/pci/drivers/ata_piix", "/sys/bus/pci/drivers", Severity.Warning, "media",
            "the provisioning DVD of a generation 1 machine is not found"),
        new("af_packet", "CONFIG_PACKET", "/proc/net/packet", "/proc/net/dev", Severity.Warning, "network",
            "no network can be made by DHCP where the image makes none"),
    ];
}
