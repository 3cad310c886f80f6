using Azprovision.Files;

namespace Azprovision.Settings;

/// <summary>What "systemctl mask azprovision" leaves: the generator may pull the unit in, and systemd does not start it.</summary>
internal static class UnitMask
{
    internal const string Path = "/etc/systemd/system/azprovision.service";

    // systemd.unit(5): an empty file is one too.
    internal static bool IsIn(PlannedRoot root) =>
        root.TryStatusOfName(Path) is { LinkTarget: "/dev/null" } or { Status: { IsRegular: true, Size: 0 } };
}
