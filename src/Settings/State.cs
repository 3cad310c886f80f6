using System;
using System.Collections.Generic;
using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>
/// The directory of --state: for which VM this root is provisioned, custom data, and a copy of ovf-env.xml without the
/// password.
/// </summary>
/// <param name="directory">below the root</param>
internal sealed class State(string directory)
{
    /// <summary>The id of a machine that nothing identifies, as azure-init writes it.</summary>
    internal const string UnknownVmId = "00000000-0000-0000-0000-000000000000";

    private const string MarkerSuffix = ".provisioned";

    internal static Ownership PrivateDirectory { get; } = new(0x1C0);   // 0700

    internal static Ownership PrivateFile { get; } = new(0x180);   // 0600

    internal string Directory => directory;

    internal string PathOf(string name) => $"{directory}/{name}";

    /// <summary>Whether one of the markers is for this VM.</summary>
    internal bool IsProvisioned(SystemRoot files, string vmId) => IsMarked(files, vmId, MarkerSuffix);

    /// <summary>The same for another kind of mark.</summary>
    internal bool IsMarked(SystemRoot files, string vmId, string suffix)
    {
        foreach (string marked in IdsIn(files.NamesIn(directory), suffix))
        {
            if (IsSame(marked, vmId))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether this root was provisioned for some VM, be it this one or the one the image was captured from.</summary>
    internal bool HasMarker(SystemRoot files) => IdsIn(files.NamesIn(directory), MarkerSuffix).Count > 0;

    /// <summary>The copy for whoever looks later; where there were no media, one would be another VM's.</summary>
    internal void PlanCopy(PlannedRoot root, MachineSpec spec)
    {
        root.Directory(directory, PrivateDirectory);
        root.WriteOrRemove(PathOf("ovf-env.xml"), spec.Ovf?.WithPassword(""), PrivateFile);
    }

    internal void PlanMarker(PlannedRoot root, string? vmId)
    {
        root.Directory(directory, PrivateDirectory);
        root.Write(PathOf((vmId ?? UnknownVmId) + MarkerSuffix), [], PrivateFile);
    }

    /// <summary>
    /// Whether two ids are one VM's. The same one is shown in the other letter case by kernels before 4.15, and in the other
    /// byte order after an update of the firmware or on a kernel that does not tell of EFI.
    /// </summary>
    internal static bool IsSame(string one, string other) =>
        one.Equals(other, StringComparison.OrdinalIgnoreCase)
        || (Guid.TryParseExact(one, "D", out Guid a) && Guid.TryParseExact(other, "D", out Guid b)
            && a == new Guid(b.ToByteArray(bigEndian: true)));

    /// <summary>The ids of all VMs that there is a mark of this kind for, among the names in the directory.</summary>
    internal static List<string> IdsIn(IReadOnlyList<string> names, string suffix)
    {
        var ids = new List<string>();
        foreach (string name in names)
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal))
            {
                ids.Add(name[..^suffix.Length]);
            }
        }

        return ids;
    }
}
