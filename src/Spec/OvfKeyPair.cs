namespace Azprovision.Spec;

/// <summary>SSH/KeyPairs/KeyPair: a private key to be installed, known by the fingerprint of its certificate.</summary>
internal sealed record OvfKeyPair(string? Fingerprint, string? Path);
