using System;
using Azprovision.Configuration;

namespace Azprovision.Check;

/// <summary>What --resource-disk needs of the image, where it is asked for.</summary>
internal static class DiskCheck
{
    private static readonly string[] s_makers = ["mkfs.ext4", "mke2fs", "mkfs.xfs", "mkfs.btrfs"];

    internal static void Look(Image image, Options options, Findings findings)
    {
        if (options.ResourceDisk is { } directory && !Array.Exists(s_makers, image.HasProgram))
        {
            findings.Warn("resource-disk", $"no mkfs of the image can format the disk for {directory}", "install e2fsprogs");
        }
    }
}
