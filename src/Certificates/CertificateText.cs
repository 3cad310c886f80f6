using System;
using System.IO;
using Azprovision.Spec;

namespace Azprovision.Certificates;

/// <summary>A certificate in the place where a key is expected, as old tools of the platform send them.</summary>
internal static class CertificateText
{
    /// <summary>
    /// The OpenSSH line of the key in a certificate, PEM or DER in base64; any other text as it is. Throws
    /// InvalidDataException when it is a certificate without a key for OpenSSH.
    /// </summary>
    internal static string ToOpenSsh(string text)
    {
        byte[]? der;
        if (text.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
        {
            der = Pem.TryDecode("CERTIFICATE", text)
                ?? throw new InvalidDataException("certificate: its PEM form is damaged");
        }
        else
        {
            // 0x30, a sequence, with a length of two bytes: as any certificate begins
            der = text.AsSpan().TrimStart().StartsWith("MI") ? Base64Text.TryDecode(text) : null;
        }

        return der is null ? text : Certificate.Parse(der).PublicKey.OpenSshLine;
    }
}
