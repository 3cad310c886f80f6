using System;

namespace Azprovision.Certificates;

/// <summary>PrivateKeyInfo (RFC 5208 5, RFC 5958 2), of which only the public half is looked at.</summary>
internal static class PrivateKey
{
    private const string What = "private key";

    /// <summary>
    /// What its public key has too (<see cref="PublicKey.Mark"/>); null when it does not say, as with Ed25519, where
    /// only arithmetic would tell.
    /// </summary>
    internal static byte[]? MarkOf(ReadOnlySpan<byte> privateKeyInfo)
    {
        Asn1Reader info = new Asn1Reader(privateKeyInfo, What).Sequence();
        info.Integer();   // version
        string kind = info.Sequence().ObjectId();
        byte[] octets = info.OctetString();
        try
        {
            switch (kind)
            {
                case Oid.RsaEncryption:
                    Asn1Reader rsa = new Asn1Reader(octets, What).Sequence();   // RFC 8017 A.1.2
                    rsa.Integer();   // version
                    return PublicKey.Positive(rsa.Integer());
                case Oid.EcPublicKey:
                    Asn1Reader ec = new Asn1Reader(octets, What).Sequence();   // RFC 5915 3
                    ec.Integer();   // version
                    _ = ec.OctetString();
                    if (ec.IsNext(Asn1Reader.Context(0)))
                    {
                        ec.Value();   // parameters
                    }

                    return ec.HasData ? ec.Tagged(1).BitString().ToArray() : null;
                default:
                    return null;
            }
        }
        finally
        {
            octets.AsSpan().Clear();
        }
    }
}
