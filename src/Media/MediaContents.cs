using Azprovision.Spec;

namespace Azprovision.Media;

/// <summary>What the provisioning media said.</summary>
/// <param name="Source">the device or path it came from</param>
/// <param name="Device">the device to eject afterwards; null when it came from a file or directory</param>
internal sealed record MediaContents(OvfEnvironment Ovf, string Source, string? Device);
