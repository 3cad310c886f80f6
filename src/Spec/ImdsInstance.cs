using System.Collections.Generic;

namespace Azprovision.Spec;

/// <summary>What the instance metadata service says, nothing decided: what it left out or empty is null.</summary>
/// <param name="PublicKeys">values of compute.publicKeys[].keyData as they came</param>
/// <param name="UserData">decoded from base64</param>
/// <param name="HasCustomData">extended.compute.hasCustomData: whether somebody gave it custom data, which only the media tell</param>
/// <param name="PpsType">extended.compute.ppsType: how the platform parked this VM</param>
/// <param name="IsWhole">asked by a version that has all of this: what is missing is not only unknown</param>
internal sealed record ImdsInstance(
    string? VmId,
    string? HostName,
    string? UserName,
    bool? DisablePasswordAuthentication,
    IReadOnlyList<string> PublicKeys,
    Secret? UserData,
    bool? HasCustomData,
    string? PpsType,
    bool IsWhole)
{
    /// <summary>
    /// Whether the platform wants nothing done: a VM made from a specialized disk, a backup or a failover has no user and no
    /// name to be given.
    /// </summary>
    internal bool WantsNothing =>
        IsWhole && HostName is null && UserName is null && DisablePasswordAuthentication is null && PublicKeys.Count == 0;
}
