using System;
using System.Text;
using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>
/// The file in a root that names the VM it was made. It is the last that a run puts there, so where it is, all is. The marker of
/// <see cref="State"/> may be on another file system, which keeps it when the root forgets.
/// </summary>
internal static class RootMark
{
    private const string Path = "/etc/.azprovision";

    internal static void Plan(PlannedRoot root, MachineSpec spec) => root.Write(Path, ContentFor(spec), State.PrivateFile);

    internal static void PlanRemoval(PlannedRoot root) => root.Remove(Path);

    /// <summary>Whether this root was made some VM.</summary>
    internal static bool IsIn(SystemRoot files) => files.TryStatus(Path) is not null;

    /// <summary>Whether this root was made this VM.</summary>
    internal static bool IsIn(SystemRoot files, MachineSpec spec) =>
        files.TryRead(Path) is { } content && content.AsSpan().SequenceEqual(ContentFor(spec));

    private static byte[] ContentFor(MachineSpec spec) => Encoding.ASCII.GetBytes($"{spec.VmId ?? State.UnknownVmId}\n");
}
