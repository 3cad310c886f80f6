using System;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;

namespace Azprovision.Media;

/// <summary>The identity of the machine as the firmware's tables tell it (SMBIOS 7.2 and 7.4, by the kernel's sysfs).</summary>
internal static class Dmi
{
    private const string Directory = "/sys/class/dmi/id";
    private const string AzureTag = "7783-7084-3265-9085-8269-3286-77";   // "MSFT AZURE VM" in decimal ASCII
    private const string AzureVendor = "Microsoft Corporation";
    private const int MaxSize = 4096;

    /// <summary>Reads below the root where that has them (an initramfs may have moved /sys), else the running kernel's.</summary>
    internal static DmiIdentity Read(SystemRoot root, SystemRoot kernel)
    {
        SystemRoot files = root.NamesIn(Directory).Count > 0 ? root : kernel;
        string? uuid = TryReadLine(files, "product_uuid");
        string? tag = TryReadLine(files, "chassis_asset_tag");
        string? vendor = TryReadLine(files, "sys_vendor");
        bool isGeneration2 = files.IsDirectory("/sys/firmware/efi");
        return new DmiIdentity(uuid is null ? null : VmIdOf(uuid, isGeneration2), IsAzure(tag, vendor));
    }

    /// <summary>
    /// The vmId for a system UUID, or null when it is none. The tables of generation 1 have its first three fields in the
    /// other byte order.
    /// </summary>
    internal static string? VmIdOf(string uuid, bool isGeneration2)
    {
        string text = uuid.ToLowerInvariant();
        if (!Guid.TryParseExact(text, "D", out Guid parsed) || parsed == Guid.Empty || parsed == Guid.AllBitsSet)
        {
            return null;
        }

        return isGeneration2 ? text : new Guid(parsed.ToByteArray(bigEndian: true)).ToString("D");
    }

    // A machine of Hyper-V outside Azure has the vendor too; one that hides the tag may be either.
    private static bool? IsAzure(string? tag, string? vendor) =>
        tag is not null ? tag == AzureTag
        : vendor is null or AzureVendor ? null
        : false;

    private static string? TryReadLine(SystemRoot files, string name)
    {
        try
        {
            byte[]? content = files.TryRead($"{Directory}/{name}", MaxSize);
            string text = Encoding.Latin1.GetString(content ?? []).Trim();
            return text.Length > 0 ? text : null;
        }
        catch (SyscallException e) when (e.Errno is Errno.EACCES or Errno.EIO)
        {
            return null;   // product_uuid is for root alone
        }
    }
}

/// <summary>What the firmware says of this machine.</summary>
/// <param name="VmId">the platform's vmId, in lower case; null when there is none, or none that may be read</param>
/// <param name="IsAzure">null: there is nothing that tells</param>
internal sealed record DmiIdentity(string? VmId, bool? IsAzure);
