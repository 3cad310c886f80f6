using Azprovision.Configuration;
using Azprovision.Disks;

namespace Azprovision.Check;

/// <summary>What --resource-disk needs of the image, where it is asked for.</summary>
internal static class DiskCheck
{
    internal static void Look(Image image, Options options, Findings findings)
    {
        if (options.ResourceDisk is { } directory && FileSystem.TryFind(image.Root.Disk) is null)
        {
            findings.Warn("resource-disk", $"no mkfs of the image can format the disk for {directory}", "install e2fsprogs");
        }
    }
}
