using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azprovision.Certificates;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Certificates;

public class CertificateBundleTests
{
    private const string Legacy = "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1";

    private static readonly TransportCertificate s_transport =
        TransportCertificate.Make(DateTimeOffset.UtcNow, bytes => RandomNumberGenerator.Fill(bytes));

    public static TheoryData<string> Encryptions => new(
        Legacy,
        "",
        "-keypbe AES-128-CBC -certpbe AES-256-CBC -macalg sha256",
        "-keypbe NONE -certpbe NONE",
        "-nomac",
        "-iter 1 -noiter -nomaciter",
        "-keypbe DES-EDE3-CBC -certpbe DES-EDE3-CBC");

    [Theory]
    [MemberData(nameof(Encryptions))]
    public void What_openssl_puts_into_a_bundle_comes_out(string encryption)
    {
        using var openssl = new OpenSsl();
        openssl.MakeCertificate("user", "-newkey rsa:2048");
        openssl.MakeCertificate("other", "-newkey rsa:2048");
        openssl.Run($"pkcs12 -export -inkey @user.key -in @user.crt -certfile @other.crt -out @bundle -passout pass: {encryption}".TrimEnd());
        IReadOnlyList<DeployedCertificate> deployed = Pkcs12.Read(openssl["bundle"]);
        Assert.Equal([openssl.Der("user"), openssl.Der("other")], deployed.Select(item => item.Certificate.Der));
        Assert.Equal(openssl.Pkcs8("user"), deployed[0].PrivateKey!.Reveal().ToArray());
        Assert.Null(deployed[1].PrivateKey);
    }

    [Theory]
    [InlineData("-newkey rsa:4096")]
    [InlineData("-newkey ec -pkeyopt ec_paramgen_curve:P-256")]
    [InlineData("-newkey ec -pkeyopt ec_paramgen_curve:P-521")]
    [InlineData("-newkey ed25519")]
    public void Keys_of_every_kind_find_their_certificate(string algorithm)
    {
        using var openssl = new OpenSsl();
        openssl.Run($"req -x509 -nodes -subj /CN=user -days 30 {algorithm} -keyout @user.key -out @user.crt");
        openssl.Run($"pkcs12 -export -inkey @user.key -in @user.crt -out @bundle -passout pass: {Legacy}");
        DeployedCertificate deployed = Assert.Single(Pkcs12.Read(openssl["bundle"]));
        Assert.Equal(openssl.Pkcs8("user"), deployed.PrivateKey!.Reveal().ToArray());
    }

    [Theory]
    [InlineData("-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-RC2-40 -legacy", "RC2-40")]
    [InlineData("-keypbe PBE-SHA1-RC4-128 -certpbe NONE -legacy", "1.2.840.113549.1.12.1.1")]
    [InlineData("-macalg sha384", "2.16.840.1.101.3.4.2.2")]
    public void What_is_not_known_is_named(string encryption, string name)
    {
        using var openssl = new OpenSsl();
        openssl.MakeCertificate("user", "-newkey rsa:2048");
        openssl.Run($"pkcs12 -export -inkey @user.key -in @user.crt -out @bundle -passout pass: {encryption}");
        Assert.Contains(
            name, Assert.Throws<InvalidDataException>(() => Pkcs12.Read(openssl["bundle"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bundle_under_a_password_is_refused()
    {
        using var openssl = new OpenSsl();
        openssl.MakeCertificate("user", "-newkey rsa:2048");
        openssl.Run("pkcs12 -export -inkey @user.key -in @user.crt -out @bundle -passout pass:x");
        Assert.Contains(
            "the MAC is wrong", Assert.Throws<InvalidDataException>(() => Pkcs12.Read(openssl["bundle"])).Message, StringComparison.Ordinal);
    }

    /// <summary>Null and the empty text are the two readings of the empty password.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Ten_at_once_with_and_without_keys_in_either_reading_of_the_password(string? password)
    {
        var collection = new X509Certificate2Collection();
        var keys = new List<byte[]?>();
        for (int i = 0; i < 10; i++)
        {
            using RSA rsa = RSA.Create(2048);
            using ECDsa ec = ECDsa.Create(ECCurve.NamedCurves.nistP384);
            CertificateRequest request = i % 2 == 0
                ? new CertificateRequest($"CN={i}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                : new CertificateRequest($"CN={i}", ec, HashAlgorithmName.SHA256);
            X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
            collection.Add(i % 3 == 0 ? X509CertificateLoader.LoadCertificate(made.RawData) : made);
            keys.Add(i % 3 == 0 ? null : i % 2 == 0 ? rsa.ExportRSAPublicKey() : ec.ExportSubjectPublicKeyInfo());
        }

        var byThumbprint = Pkcs12.Read(collection.Export(X509ContentType.Pkcs12, password)!)
            .ToDictionary(item => item.Certificate.Thumbprint);
        Assert.Equal(10, byThumbprint.Count);
        for (int i = 0; i < 10; i++)
        {
            DeployedCertificate deployed = byThumbprint[collection[i].Thumbprint];
            Assert.Equal(collection[i].RawData, deployed.Certificate.Der);
            if (keys[i] is null)
            {
                Assert.Null(deployed.PrivateKey);
                continue;
            }

            using RSA rsa = RSA.Create();
            using ECDsa ec = ECDsa.Create();
            AsymmetricAlgorithm key = i % 2 == 0 ? rsa : ec;
            key.ImportPkcs8PrivateKey(deployed.PrivateKey!.Reveal(), out _);
            Assert.Equal(keys[i], i % 2 == 0 ? rsa.ExportRSAPublicKey() : ec.ExportSubjectPublicKeyInfo());
        }
    }

    [Theory]
    [InlineData("-des3")]
    [InlineData("-aes128")]
    [InlineData("-aes256")]
    [InlineData("-aes128 -keyopt rsa_padding_mode:oaep")]
    [InlineData("-aes256 -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256")]
    [InlineData("-aes128 -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha1")]
    [InlineData("-aes128 -stream")]   // BER: indefinite lengths, octets in pieces
    public void What_openssl_encrypts_for_the_transport_certificate_decrypts(string options)
    {
        using var openssl = new OpenSsl();
        byte[] message = RandomNumberGenerator.GetBytes(10_001);
        Assert.Equal(message, EnvelopedData.Decrypt(Envelope(openssl, message, options), s_transport));
    }

    [Theory]
    [InlineData("-camellia128", "1.2.392.200011.61.1.1.1.2")]
    [InlineData("-aes128 -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha384", "2.16.840.1.101.3.4.2.2")]
    [InlineData("-aes128 -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_label:61", "label")]
    public void An_envelope_of_another_kind_is_named(string options, string name)
    {
        using var openssl = new OpenSsl();
        byte[] envelope = Envelope(openssl, [1], options);
        Assert.Contains(
            name, Assert.Throws<InvalidDataException>(() => EnvelopedData.Decrypt(envelope, s_transport)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_envelope_for_another_certificate_is_refused_and_one_for_several_read()
    {
        using var openssl = new OpenSsl();
        openssl.MakeCertificate("stranger", "-newkey rsa:2048");
        openssl["in"] = [7];
        openssl.Run("cms -encrypt -binary -outform DER -keyid -aes128 -in @in -out @out -recip @stranger.crt");
        Assert.Contains(
            "no recipient",
            Assert.Throws<InvalidDataException>(() => EnvelopedData.Decrypt(openssl["out"], s_transport)).Message,
            StringComparison.Ordinal);
        Assert.Equal([7], EnvelopedData.Decrypt(Envelope(openssl, [7], "-aes128 -recip @stranger.crt"), s_transport));
    }

    [Fact]
    public void Damage_anywhere_in_an_envelope_is_told_or_does_not_matter()
    {
        using var openssl = new OpenSsl();
        byte[] message = [1, 2, 3];
        byte[] envelope = Envelope(openssl, message, "-des3");
        for (int at = 0; at < envelope.Length; at++)
        {
            Assert.Throws<InvalidDataException>(() => EnvelopedData.Decrypt(envelope.AsSpan(0, at), s_transport));
            if (at > 60 && at < 300 && at % 16 != 0)
            {
                continue;   // inside the encrypted key, where each takes its time
            }

            byte[] damaged = [.. envelope];
            damaged[at] ^= 0x40;
            try
            {
                _ = EnvelopedData.Decrypt(damaged, s_transport);
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith("CMS envelope: ", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Damage_anywhere_in_a_bundle_is_told()
    {
        using var openssl = new OpenSsl();
        openssl.MakeCertificate("user", "-newkey ec -pkeyopt ec_paramgen_curve:P-256");
        openssl.Run($"pkcs12 -export -inkey @user.key -in @user.crt -out @bundle -passout pass: {Legacy} -iter 1 -nomaciter");
        byte[] bundle = openssl["bundle"];
        for (int at = 0; at < bundle.Length; at++)
        {
            byte[] damaged = [.. bundle];
            damaged[at] ^= 0x01;
            try
            {
                // What the MAC does not cover, as the NULL of its algorithm, may be anything.
                Assert.Equal(openssl.Der("user"), Assert.Single(Pkcs12.Read(damaged)).Certificate.Der);
            }
            catch (InvalidDataException)
            {
            }

            Assert.Throws<InvalidDataException>(() => Pkcs12.Read(bundle.AsSpan(0, at)));
        }
    }

    [Theory]
    [InlineData("3080")]           // sequences of indefinite length
    [InlineData("2480")]           // octet strings in pieces
    [InlineData("a080")]
    [InlineData("3084000fffff")]
    public void A_megabyte_of_nesting_is_refused_soon(string start)
    {
        byte[] unit = Convert.FromHexString(start);
        byte[] nested = new byte[1 << 20];
        for (int at = 0; at + unit.Length <= nested.Length; at += unit.Length)
        {
            unit.CopyTo(nested, at);
        }

        byte[] inEnvelope = [0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03, 0xa0, 0x80, 0x30, 0x80, 0x02, 0x01, 0x02, .. nested];
        byte[] inBundle = [0x30, 0x80, 0x02, 0x01, 0x03, 0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01, 0xa0, 0x80, .. nested];
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Throws<InvalidDataException>(() => EnvelopedData.Decrypt(nested, s_transport));
        Assert.Throws<InvalidDataException>(() => EnvelopedData.Decrypt(inEnvelope, s_transport));
        Assert.Throws<InvalidDataException>(() => Pkcs12.Read(nested));
        Assert.Throws<InvalidDataException>(() => Pkcs12.Read(inBundle));
        Assert.Throws<InvalidDataException>(() => Certificate.Parse(nested));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void More_iterations_than_a_second_of_work_are_refused()
    {
        using var openssl = new OpenSsl();
        openssl.MakeCertificate("user", "-newkey rsa:2048");
        openssl.Run($"pkcs12 -export -inkey @user.key -in @user.crt -out @bundle -passout pass: -nomac -iter 3000000");
        Assert.Contains(
            "3000000 iterations",
            Assert.Throws<InvalidDataException>(() => Pkcs12.Read(openssl["bundle"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Fuzz_a_bundle_and_an_envelope()
    {
        using var openssl = new OpenSsl();
        openssl.MakeCertificate("user", "-newkey ec -pkeyopt ec_paramgen_curve:P-256");
        openssl.Run("pkcs12 -export -inkey @user.key -in @user.crt -out @modern -passout pass: -nomac -iter 1");
        openssl.Run($"pkcs12 -export -inkey @user.key -in @user.crt -out @legacy -passout pass: {Legacy} -nomac -iter 1");
        byte[] envelope = Envelope(openssl, openssl["legacy"], "-aes128 -keyopt rsa_padding_mode:oaep");
        Fuzz.Run([openssl["modern"], openssl["legacy"], envelope], bytes =>
        {
            foreach (Action read in (Action[])[() => Pkcs12.Read(bytes), () => EnvelopedData.Decrypt(bytes, s_transport)])
            {
                try
                {
                    read();
                }
                catch (InvalidDataException)
                {
                }
            }
        });
    }

    private static byte[] Envelope(OpenSsl openssl, byte[] message, string options)
    {
        openssl["transport.der"] = s_transport.Der;
        openssl.Run("x509 -inform DER -in @transport.der -out @transport.crt");
        openssl["message"] = message;
        string[] words = options.Split(' ');
        string cipher = words[0];
        string keyOptions = string.Join(' ', words.Skip(1).Where(word => word != "-stream"));
        string stream = options.Contains("-stream", StringComparison.Ordinal) ? " -stream" : "";
        openssl.Run($"cms -encrypt -binary -outform DER -keyid {cipher}{stream} -in @message -out @envelope -recip @transport.crt {keyOptions}".TrimEnd());
        return openssl["envelope"];
    }
}
