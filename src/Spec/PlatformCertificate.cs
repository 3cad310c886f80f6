using System;

namespace Azprovision.Spec;

/// <summary>A certificate that the wire server has for this machine.</summary>
/// <param name="Thumbprint">40 hexadecimal digits in upper case</param>
/// <param name="OpenSshLine">its public key; null: of a kind that OpenSSH has not</param>
/// <param name="Pem">the certificate</param>
/// <param name="PrivateKeyPem">in PKCS#8; null: it came without</param>
internal sealed record PlatformCertificate(string Thumbprint, string? OpenSshLine, byte[] Pem, Secret? PrivateKeyPem)
{
    /// <summary>Compared as people write them: in any case, with colons or blanks or without.</summary>
    internal bool IsNamed(string? fingerprint) => Thumbprint.Equals(
        fingerprint?.Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).Trim(),
        StringComparison.OrdinalIgnoreCase);
}
