using System;
using System.IO;
using Azprovision.Crypto;

namespace Azprovision.Certificates;

/// <summary>CMS EnvelopedData (RFC 5652 6), which the wire server makes for the transport certificate.</summary>
internal static class EnvelopedData
{
    private const string What = "CMS envelope";
    private const int MaxRecipients = 100;

    internal static byte[] Decrypt(ReadOnlySpan<byte> contentInfo, TransportCertificate recipient)
    {
        Asn1Reader outer = new Asn1Reader(contentInfo, What).Sequence();
        if (outer.ObjectId() is var type && type != Oid.EnvelopedData)
        {
            throw new InvalidDataException($"{What}: the content type {type} is not enveloped data");
        }

        Asn1Reader envelope = outer.Tagged(0).Sequence();
        envelope.Integer();   // version
        if (envelope.IsNext(Asn1Reader.Context(0)))
        {
            envelope.Value();   // originatorInfo
        }

        byte[] key = FindKey(envelope.Set(), recipient);
        try
        {
            Asn1Reader content = envelope.Sequence();
            content.ObjectId();
            Asn1Reader algorithm = content.Sequence();
            string cipher = algorithm.ObjectId();
            byte[] iv = algorithm.OctetString();
            byte[] encrypted = content.OctetString(Asn1Reader.Context(0, isConstructed: false));
            return Encryption.DecryptCbc(cipher, key, iv, encrypted, What);
        }
        finally
        {
            key.AsSpan().Clear();
        }
    }

    private static byte[] FindKey(Asn1Reader recipients, TransportCertificate recipient)
    {
        for (int i = 0; i < MaxRecipients && recipients.HasData; i++)
        {
            // KeyTransRecipientInfo is the one kind that is a sequence without a tag of its own; its recipient is an
            // issuer with a serial number, or a key identifier.
            if (!recipients.IsNext(System.Formats.Asn1.Asn1Tag.Sequence))
            {
                recipients.Value();
                continue;
            }

            Asn1Reader info = recipients.Sequence();
            info.Integer();   // version
            bool isForKey = info.IsNext(Asn1Reader.Context(0))
                && info.OctetString(Asn1Reader.Context(0, isConstructed: false)).AsSpan()
                    .SequenceEqual(recipient.KeyIdentifier);
            if (isForKey)
            {
                Asn1Reader algorithm = info.Sequence();
                return Decrypt(algorithm, info.OctetString(), recipient.Key);
            }
        }

        throw new InvalidDataException($"{What}: no recipient is the transport certificate");
    }

    private static byte[] Decrypt(Asn1Reader algorithm, byte[] encryptedKey, RsaKey key)
    {
        string scheme = algorithm.ObjectId();
        try
        {
            return scheme switch
            {
                Oid.RsaEncryption => RsaPadding.Decrypt(key, encryptedKey),
                Oid.RsaesOaep => DecryptOaep(algorithm, encryptedKey, key),
                _ => throw Encryption.Unknown(scheme, What),
            };
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith(What, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{What}: {e.Message}", e);
        }
    }

    // RSAES-OAEP-params (RFC 4055 4.1); what is absent is SHA-1.
    private static byte[] DecryptOaep(Asn1Reader algorithm, byte[] encryptedKey, RsaKey key)
    {
        HashFunction hash = new Sha1();
        HashFunction maskHash = new Sha1();
        if (algorithm.HasData)
        {
            Asn1Reader parameters = algorithm.Sequence();
            if (parameters.IsNext(Asn1Reader.Context(0)))
            {
                hash = Encryption.Hash(parameters.Tagged(0).Sequence().ObjectId(), What);
            }

            if (parameters.IsNext(Asn1Reader.Context(1)))
            {
                Asn1Reader mask = parameters.Tagged(1).Sequence();
                if (mask.ObjectId() is var function && function != Oid.Mgf1)
                {
                    throw Encryption.Unknown(function, What);
                }

                maskHash = Encryption.Hash(mask.Sequence().ObjectId(), What);
            }

            if (parameters.HasData)
            {
                throw new InvalidDataException($"{What}: OAEP with a label is not known here");
            }
        }

        return RsaPadding.DecryptOaep(key, encryptedKey, hash, maskHash);
    }
}
