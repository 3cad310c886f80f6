using Azprovision.Files;

namespace Azprovision.Settings;

/// <summary>"systemctl mask azprovision", for good or until the machine is switched off (systemd.unit(5)).</summary>
internal static class UnitMask
{
    // By weight: what stands in the first is what counts.
    private static readonly string[] s_units =
        ["/etc/systemd/system/azprovision.service", "/run/systemd/system/azprovision.service"];

    /// <summary>The file that masks the unit; null: it is not masked.</summary>
    internal static string? TryFind(PlannedRoot root)
    {
        foreach (string unit in s_units)
        {
            if (root.TryStatusOfName(unit) is not null)
            {
                return root.IsMasked(unit) ? unit : null;
            }
        }

        return null;
    }
}
