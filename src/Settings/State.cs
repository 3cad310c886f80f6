using System;
using System.Collections.Generic;
using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>
/// The directory of --state: for which VM this root is provisioned, custom data, and a copy of ovf-env.xml without the
/// password. It may be somebody's directory with other things in it, which stays as it is: what is ours are files, 0600.
/// </summary>
/// <param name="directory">below the root</param>
internal sealed class State(string directory)
{
    /// <summary>The id of a machine that nothing identifies, as azure-init writes it.</summary>
    internal const string UnknownVmId = "00000000-0000-0000-0000-000000000000";

    private const string MarkerSuffix = ".provisioned";
    private const string CopyName = "ovf-env.xml";

    private static readonly string[] s_suffixes = [MarkerSuffix, LastFailure.Suffix, CustomDataScript.MarkSuffix];

    private static readonly string[] s_names =
        [CopyName, CustomDataFile.Name, CustomDataFile.UserDataName, CustomDataScript.CleanedName];

    internal static Ownership PrivateDirectory { get; } = new(0x1C0);   // 0700

    internal static Ownership PrivateFile { get; } = new(0x180);   // 0600

    internal string Directory => directory;

    internal string PathOf(string name) => $"{directory}/{name}";

    /// <summary>Whether one of the markers is for this VM.</summary>
    internal bool IsProvisioned(SystemRoot files, string vmId) => IsMarked(files.NamesIn(directory), vmId, MarkerSuffix);

    /// <summary>The same for another kind of mark, among the names in the directory.</summary>
    internal static bool IsMarked(IReadOnlyList<string> names, string vmId, string suffix)
    {
        foreach (string marked in IdsIn(names, suffix))
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

    internal void PlanDirectory(PlannedRoot root)
    {
        if (!root.IsDirectory(directory))
        {
            root.Directory(directory, PrivateDirectory);
        }
    }

    /// <summary>The copy for whoever looks later; where there were no media, one would be another VM's.</summary>
    internal void PlanCopy(PlannedRoot root, MachineSpec spec)
    {
        PlanDirectory(root);
        root.WriteOrRemove(PathOf(CopyName), spec.Ovf?.WithPassword(""), PrivateFile);
    }

    internal void PlanMarker(PlannedRoot root, string? vmId)
    {
        PlanDirectory(root);
        root.Write(PathOf((vmId ?? UnknownVmId) + MarkerSuffix), [], PrivateFile);
    }

    /// <summary>
    /// Removes what is ours, and the directory if nothing else is in it. The record goes last: as long as it is there, a
    /// removal that was cut short can be begun again.
    /// </summary>
    internal void PlanRemoval(PlannedRoot root)
    {
        foreach (string name in root.NamesIn(directory))
        {
            if (Commit.IsTemporary(name) || Array.IndexOf(s_names, name) >= 0
                || Array.Exists(s_suffixes, suffix => name.EndsWith(suffix, StringComparison.Ordinal)))
            {
                root.Remove(PathOf(name));
            }
        }

        root.Remove(PathOf(MachineRecord.Name));
        root.Step = new Step("remove the state directory", Failure.SystemFiles) { IsOptional = true };   // it may be mounted
        if (!root.TryRemoveEmptyDirectory(directory))
        {
            root.Warn($"'{directory}' stays: '{Printable.Of(root.NamesIn(directory)[0])}' in it is not azprovision's");
        }

        root.Step = null;
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
