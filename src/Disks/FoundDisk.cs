using System;
using System.Collections.Generic;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;

namespace Azprovision.Disks;

/// <summary>The temporary disk of a virtual machine, found by how it is attached.</summary>
/// <param name="Name">of the kernel, "sdb"</param>
/// <param name="IsNvme">it comes without partitions</param>
internal sealed record FoundDisk(string Name, bool IsNvme)
{
    private const int MaxAttribute = 4096;

    /// <summary>The kernel puts a "p" between a name that ends with a digit and the number.</summary>
    internal string Partition => char.IsAsciiDigit(Name[^1]) ? $"{Name}p1" : $"{Name}1";

    /// <summary>The SCSI one if there is one, else the first local NVMe disk; null: this size of machine has none.</summary>
    internal static FoundDisk? TryFind(SystemRoot sys)
    {
        const string Directory = "/sys/block";
        FoundDisk? nvme = null;
        IReadOnlyList<string> names = sys.NamesIn(Directory);
        using Descriptor? directory = names.Count > 0 ? sys.OpenDirectory(Directory) : null;
        foreach (string name in names)
        {
            if (Libc.TryReadLinkAt(directory!.Number, name, name) is { } link && IsScsiResourceDisk(sys, name, link))
            {
                return new FoundDisk(name, IsNvme: false);
            }

            if (nvme is null && name.StartsWith("nvme", StringComparison.Ordinal)
                && TryReadText(sys, $"{Directory}/{name}/device/model")
                    is "Microsoft NVMe Direct Disk" or "Microsoft NVMe Direct Disk v2")
            {
                nvme = new FoundDisk(name, IsNvme: true);
            }
        }

        return nvme;
    }

    // The link's text is the device's path: .../<VMBus device>/host1/target1:0:1/1:0:1:0/block/sdb
    private static bool IsScsiResourceDisk(SystemRoot sys, string name, string link)
    {
        string[] path = link.Split('/');
        int host = Array.FindIndex(path, part => part.StartsWith("host", StringComparison.Ordinal));
        if (host < 1 || path.Length < host + 5 || name.StartsWith("sr", StringComparison.Ordinal))
        {
            return false;
        }

        string? id = TryReadText(sys, $"/sys/bus/vmbus/devices/{path[host - 1]}/device_id")?.Trim('{', '}');
        return id is not null
            && (id.StartsWith("00000000-0001-", StringComparison.Ordinal)   // generation 1: the second IDE port
                || (id.Equals("f8b3781a-1e82-4818-a1c3-63d806ec15bb", StringComparison.OrdinalIgnoreCase)
                    && path[^3].EndsWith(":1", StringComparison.Ordinal)));   // generation 2: LUN 1
    }

    private static string? TryReadText(SystemRoot sys, string path) =>
        sys.TryRead(path, MaxAttribute) is { } bytes ? Encoding.ASCII.GetString(bytes).Trim() : null;
}
