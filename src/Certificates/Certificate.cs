using System;
using System.IO;
using Azprovision.Crypto;

namespace Azprovision.Certificates;

/// <summary>An X.509 certificate (RFC 5280 4.1), of which only the name by its digest and the key count here.</summary>
internal sealed class Certificate
{
    private const string What = "certificate";

    private readonly byte[] _publicKeyInfo;

    private Certificate(byte[] der, byte[] publicKeyInfo)
    {
        Der = der;
        _publicKeyInfo = publicKeyInfo;
    }

    internal byte[] Der { get; }

    /// <summary>What the platform calls its fingerprint: the SHA-1 of it all, 40 digits in upper case.</summary>
    internal string Thumbprint => Convert.ToHexString(new Sha1().Of(Der));

    /// <summary>Throws InvalidDataException when it is of a kind that OpenSSH has not.</summary>
    internal PublicKey PublicKey => PublicKey.Parse(_publicKeyInfo);

    /// <summary>Null when it is of a kind that OpenSSH has not.</summary>
    internal PublicKey? TryPublicKey()
    {
        try
        {
            return PublicKey;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    internal static Certificate Parse(ReadOnlySpan<byte> der)
    {
        var outer = new Asn1Reader(der, What);
        Asn1Reader body = new Asn1Reader(outer.Value(), What).Sequence().Sequence();
        if (body.IsNext(Asn1Reader.Context(0)))
        {
            body.Value();   // version
        }

        body.Integer();     // serial number
        for (int i = 0; i < 4; i++)
        {
            body.Sequence();   // signature, issuer, validity, subject
        }

        return outer.HasData
            ? throw outer.Unexpected("nothing more")
            : new Certificate(der.ToArray(), body.Value().ToArray());
    }
}
