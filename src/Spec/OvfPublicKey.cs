namespace Azprovision.Spec;

/// <summary>SSH/PublicKeys/PublicKey: the key line itself, or only the SHA-1 fingerprint of its certificate, and a path.</summary>
internal sealed record OvfPublicKey(string? Fingerprint, string? Path, string? Value);
