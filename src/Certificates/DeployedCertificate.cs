using Azprovision.Spec;

namespace Azprovision.Certificates;

/// <summary>A certificate that the platform put on this machine.</summary>
/// <param name="PrivateKey">in PKCS#8 (RFC 5208); null: it came without</param>
internal sealed record DeployedCertificate(Certificate Certificate, Secret? PrivateKey);
