namespace Azprovision.Certificates;

/// <summary>Object identifiers, by the names that the standards give them.</summary>
internal static class Oid
{
    // RFC 8017 appendix C
    internal const string RsaEncryption = "1.2.840.113549.1.1.1";
    internal const string RsaesOaep = "1.2.840.113549.1.1.7";
    internal const string Mgf1 = "1.2.840.113549.1.1.8";
    internal const string Sha1 = "1.3.14.3.2.26";
    internal const string Sha256 = "2.16.840.1.101.3.4.2.1";

    // RFC 5480 2.1.1, RFC 8410 3
    internal const string EcPublicKey = "1.2.840.10045.2.1";
    internal const string P256 = "1.2.840.10045.3.1.7";
    internal const string P384 = "1.3.132.0.34";
    internal const string P521 = "1.3.132.0.35";
    internal const string Ed25519 = "1.3.101.112";

    // RFC 5652 4, 6.1 and 8
    internal const string Data = "1.2.840.113549.1.7.1";
    internal const string EnvelopedData = "1.2.840.113549.1.7.3";
    internal const string EncryptedData = "1.2.840.113549.1.7.6";

    // RFC 7292 appendices C and D
    internal const string PbeSha1TripleDes = "1.2.840.113549.1.12.1.3";
    internal const string PbeSha1Rc2With40Bits = "1.2.840.113549.1.12.1.6";
    internal const string KeyBag = "1.2.840.113549.1.12.10.1.1";
    internal const string ShroudedKeyBag = "1.2.840.113549.1.12.10.1.2";
    internal const string CertBag = "1.2.840.113549.1.12.10.1.3";
    internal const string X509Certificate = "1.2.840.113549.1.9.22.1";
    internal const string LocalKeyId = "1.2.840.113549.1.9.21";

    // RFC 8018 appendix C
    internal const string Pbkdf2 = "1.2.840.113549.1.5.12";
    internal const string Pbes2 = "1.2.840.113549.1.5.13";
    internal const string HmacWithSha1 = "1.2.840.113549.2.7";
    internal const string HmacWithSha256 = "1.2.840.113549.2.9";
    internal const string TripleDesCbc = "1.2.840.113549.3.7";
    internal const string Aes128Cbc = "2.16.840.1.101.3.4.1.2";
    internal const string Aes256Cbc = "2.16.840.1.101.3.4.1.42";
}
