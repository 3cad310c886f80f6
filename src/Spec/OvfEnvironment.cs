using System.Collections.Generic;

namespace Azprovision.Spec;

/// <summary>
/// What ovf-env.xml says, nothing decided: an absent, empty or nil element is null (or an empty list), names are not yet
/// checked.
/// </summary>
/// <param name="Version">ProvisioningSection/Version; everything that begins with "1." is understood</param>
/// <param name="CustomData">decoded from base64</param>
/// <param name="PreprovisionedVm">the flag; <paramref name="PreprovisionedVmType"/> may say more</param>
/// <param name="Document">the text itself, for the copies that are kept without the password</param>
internal sealed record OvfEnvironment(
    string? Version,
    string? HostName,
    string? UserName,
    Secret? UserPassword,
    bool? DisableSshPasswordAuthentication,
    IReadOnlyList<OvfPublicKey> PublicKeys,
    IReadOnlyList<OvfKeyPair> KeyPairs,
    Secret? CustomData,
    bool? ProvisionGuestAgent,
    bool? ProvisionGuestProxyAgent,
    bool? PreprovisionedVm,
    string? PreprovisionedVmType,
    OvfDocument Document);

/// <summary>SSH/KeyPairs/KeyPair: a private key to be installed, known by the fingerprint of its certificate.</summary>
internal sealed record OvfKeyPair(string? Fingerprint, string? Path);

/// <summary>SSH/PublicKeys/PublicKey: the key line itself, or only the SHA-1 fingerprint of its certificate, and a path.</summary>
internal sealed record OvfPublicKey(string? Fingerprint, string? Path, string? Value);

/// <summary>How the platform parked this VM before a customer had it; the names are the platform's own.</summary>
internal enum PreprovisionedVmType
{
    None,
    Running,
    Savable,
    PreprovisionedOSDisk,
}
