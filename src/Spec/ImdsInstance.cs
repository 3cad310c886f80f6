using System.Collections.Generic;

namespace Azprovision.Spec;

/// <summary>What the instance metadata service says, nothing decided: what it left out or empty is null.</summary>
/// <param name="PublicKeys">values of compute.publicKeys[].keyData as they came</param>
/// <param name="UserData">decoded from base64</param>
/// <param name="PpsType">extended.compute.ppsType: how the platform parked this VM</param>
internal sealed record ImdsInstance(
    string? VmId,
    string? HostName,
    string? UserName,
    bool? DisablePasswordAuthentication,
    IReadOnlyList<string> PublicKeys,
    Secret? UserData,
    string? PpsType);
