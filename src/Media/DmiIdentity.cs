namespace Azprovision.Media;

/// <summary>What the firmware says of this machine.</summary>
/// <param name="VmId">the platform's vmId, in lower case; null when there is none, or none that may be read</param>
/// <param name="IsAzure">null: there is nothing that tells</param>
internal sealed record DmiIdentity(string? VmId, bool? IsAzure);
