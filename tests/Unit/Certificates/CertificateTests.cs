using System;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azprovision.Certificates;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Certificates;

public class CertificateTests
{
    // Made by OpenSSL 3.0; the key line by ssh-keygen -i -m PKCS8.
    private const string VectorBase64 =
        "MIICADCCAWmgAwIBAgIUNjlgZIqPMNx+XgVa06w4569l0qcwDQYJKoZIhvcNAQEL"
        + "BQAwETEPMA0GA1UEAwwGdmVjdG9yMCAXDTI2MTEyMzE1MjM1NloYDzIxMjYxMDMw"
        + "MTUyMzU2WjARMQ8wDQYDVQQDDAZ2ZWN0b3IwgZ8wDQYJKoZIhvcNAQEBBQADgY0A"
        + "MIGJAoGBANfrMwDT6Bk5Gnhl6nauQLS05pfMvYb9+O0+12MjSjzvMVXwKtA7+0Ds"
        + "PCh0UjBePKcGGgd5OhmS/HBUJ4GKEnz9pOuCmpdZrCMoFyqvokKqSA85ew8k2cC/"
        + "CLxv7tTEQ/fJbX0mCY2LJ6KWKSXv4llOGpuqE24EIIz/5DNAfnbJAgMBAAGjUzBR"
        + "MB0GA1UdDgQWBBRDwYUjMC5jHjCBE9SbQK+7B5mKLDAfBgNVHSMEGDAWgBRDwYUj"
        + "MC5jHjCBE9SbQK+7B5mKLDAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUA"
        + "A4GBAHxMUh1tFo1IB8dDPXG93UpH+AH/loPYAHm5ms16Wvr1FZWHWMelRx0WPjRT"
        + "ZsT7NfnDoPjSILB0EvxqAheS1Ms7KHz3iI8su6/U44b6RE7CqI9wYN+Hk+jkFwkD"
        + "se35FX4dEvcs2FS4G9m3twCX2tnpU9hfIpsI199JAd8HPZbu";

    private const string VectorLine =
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDX6zMA0+gZORp4Zep2rkC0tOaXzL2G/fjtPtdjI0o87zFV8CrQO/tA7DwodFIwXjynBhoHeToZkvxwVCeBihJ8/aTrgpqXWawjKBcqr6JCqkgPOXsPJNnAvwi8b+7UxEP3yW19JgmNiyeilikl7+JZThqbqhNuBCCM/+QzQH52yQ==";

    [Fact]
    public void A_known_certificate_has_its_known_thumbprint_and_key()
    {
        Certificate certificate = Certificate.Parse(Convert.FromBase64String(VectorBase64));
        Assert.Equal("6E613E5C080A841AE9C874D486A1044263634058", certificate.Thumbprint);
        Assert.Equal(VectorLine, certificate.PublicKey.OpenSshLine);
    }

    [Theory]
    [InlineData("-newkey rsa:2048")]
    [InlineData("-newkey rsa:3072")]
    [InlineData("-newkey rsa:4096")]
    [InlineData("-newkey ec -pkeyopt ec_paramgen_curve:P-256")]
    [InlineData("-newkey ec -pkeyopt ec_paramgen_curve:P-384")]
    [InlineData("-newkey ec -pkeyopt ec_paramgen_curve:P-521")]
    public void The_key_of_a_certificate_is_what_ssh_keygen_makes_of_it(string algorithm)
    {
        using var openssl = new OpenSsl();
        openssl.MakeCertificate("user", algorithm);
        Assert.Equal(openssl.OpenSshLine("user"), Certificate.Parse(openssl.Der("user")).PublicKey.OpenSshLine);
    }

    // ssh-keygen -i does not read it; the key is the last 32 bytes of its DER form (RFC 8410 4).
    [Fact]
    public void The_key_of_an_ed25519_certificate_is_the_one_in_it()
    {
        using var openssl = new OpenSsl();
        openssl.Run("req -x509 -nodes -subj /CN=user -days 30 -newkey ed25519 -keyout @user.key -out @user.crt");
        openssl.Run("x509 -in @user.crt -outform DER -out @user.der");
        openssl.Run("pkey -in @user.key -pubout -outform DER -out @user.pub");
        byte[] blob = [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. openssl["user.pub"][^32..]];
        Assert.Equal(
            $"ssh-ed25519 {Convert.ToBase64String(blob)}", Certificate.Parse(openssl["user.der"]).PublicKey.OpenSshLine);
    }

    [Theory]
    [InlineData("-newkey ed448", "1.3.101.113")]
    [InlineData("-newkey ec -pkeyopt ec_paramgen_curve:secp256k1", "1.3.132.0.10")]
    public void A_key_that_openssh_has_not_is_named(string algorithm, string name)
    {
        using var openssl = new OpenSsl();
        openssl.Run($"req -x509 -nodes -subj /CN=user {algorithm} -keyout @user.key -outform DER -out @user.der");
        Certificate certificate = Certificate.Parse(openssl["user.der"]);
        Assert.Contains(name, Assert.Throws<InvalidDataException>(() => certificate.PublicKey).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_in_the_place_of_a_key_gives_its_key()
    {
        string pem = $"-----BEGIN CERTIFICATE-----\r\n{VectorBase64[..64]}\r\n{VectorBase64[64..]}\r\n-----END CERTIFICATE-----\r\n";
        Assert.Equal(VectorLine, CertificateText.ToOpenSsh(pem));
        Assert.Equal(VectorLine, CertificateText.ToOpenSsh(pem.Replace("\r\n", "", StringComparison.Ordinal)));
        Assert.Equal(VectorLine, CertificateText.ToOpenSsh(VectorBase64));
        Assert.Equal(VectorLine, CertificateText.ToOpenSsh($"\n{VectorBase64[..64]}\n{VectorBase64[64..]}\n"));
        Assert.Equal(VectorLine, CertificateText.ToOpenSsh(VectorLine));
        Assert.Equal("", CertificateText.ToOpenSsh(""));
    }

    [Theory]
    [InlineData("-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----", "PEM form is damaged")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMII*\n-----END CERTIFICATE-----", "PEM form is damaged")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----", "cut short or damaged")]
    public void A_damaged_certificate_in_the_place_of_a_key_is_told_so(string text, string message) => Assert.Contains(
        message, Assert.Throws<InvalidDataException>(() => CertificateText.ToOpenSsh(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Fuzz_a_certificate() => Fuzz.Run([Convert.FromBase64String(VectorBase64)], bytes =>
    {
        try
        {
            _ = Certificate.Parse(bytes).PublicKey.OpenSshLine;
        }
        catch (InvalidDataException)
        {
        }
    });

    [Fact]
    public void The_transport_certificate_is_accepted_by_openssl()
    {
        using var openssl = new OpenSsl();
        byte[] der = TransportCertificate.Make(DateTimeOffset.UtcNow, bytes => RandomNumberGenerator.Fill(bytes)).Der;
        openssl["transport.der"] = der;
        openssl.Run("x509 -inform DER -in @transport.der -out @transport.crt");
        Assert.EndsWith("transport.crt: OK\n", openssl.Run("verify -check_ss_sig -x509_strict -CAfile @transport.crt @transport.crt"), StringComparison.Ordinal);
        string text = openssl.Run("x509 -in @transport.crt -noout -text");
        foreach (string line in (string[])
            ["Version: 3", "Issuer: CN = LinuxTransport", "Subject: CN = LinuxTransport", "sha256WithRSAEncryption", "Public-Key: (2048 bit)",
            "Subject Key Identifier", "Authority Key Identifier", "Basic Constraints: critical", "CA:TRUE"])
        {
            Assert.Contains(line, text, StringComparison.Ordinal);
        }

        using X509Certificate2 other = X509CertificateLoader.LoadCertificate(der);
        Assert.Equal(TimeSpan.FromDays(730), other.NotAfter - other.NotBefore);
        var identifier = new X509SubjectKeyIdentifierExtension(other.PublicKey, critical: false);
        Assert.Contains(identifier.SubjectKeyIdentifier!, Convert.ToHexString(der), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1970)]
    [InlineData(2060)]
    public void The_transport_certificate_can_be_made_whatever_the_clock_says(int year)
    {
        var now = new DateTimeOffset(year, 12, 31, 23, 59, 58, TimeSpan.Zero);
        TransportCertificate transport = TransportCertificate.Make(now, bytes => RandomNumberGenerator.Fill(bytes));
        using X509Certificate2 other = X509CertificateLoader.LoadCertificate(transport.Der);
        Assert.Equal(now, other.NotBefore.ToUniversalTime());
        Assert.Equal(now.AddDays(730), other.NotAfter.ToUniversalTime());
    }
}
