using Azprovision.Settings;

namespace Azprovision.Check;

/// <summary>What a machine has left in an image that is captured from it.</summary>
internal static class LeftoverCheck
{
    private const string Subject = "image";
    private const string Clean = "azprovision clean";
    private const string MachineId = "/etc/machine-id";

    internal static void Look(Image image, State state, Findings findings)
    {
        if (image.IsRunning)
        {
            return;
        }

        // machine-id(5): nothing, or this word, until the first boot
        if (image.TryReadText(MachineId)?.Trim() is { Length: > 0 } id && id != "uninitialized")
        {
            findings.Warn(Subject, $"{MachineId} is set, the same for every machine made from this", Clean);
        }

        if (state.HasMarker(image.Root.Disk))
        {
            findings.Warn(Subject, $"{state.Directory} is that of another machine, its custom data too", Clean);
        }
    }
}
