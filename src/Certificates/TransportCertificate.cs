using System;
using System.Formats.Asn1;
using Azprovision.Crypto;

namespace Azprovision.Certificates;

/// <summary>
/// A self-signed certificate that exists for one run, for which the wire server encrypts what it sends. It finds the
/// recipient by the key identifier, so that the extension has to be there.
/// </summary>
internal sealed class TransportCertificate
{
    private const int KeyBits = 2048;
    private const string Name = "LinuxTransport";

    private static readonly TimeSpan s_validity = TimeSpan.FromDays(730);

    private TransportCertificate(RsaKey key, byte[] der, byte[] keyIdentifier)
    {
        Key = key;
        Der = der;
        KeyIdentifier = keyIdentifier;
    }

    internal RsaKey Key { get; }

    internal byte[] Der { get; }

    internal byte[] KeyIdentifier { get; }

    internal static TransportCertificate Make(DateTimeOffset now, Action<byte[]> random)
    {
        RsaKey key = RsaKey.Generate(KeyBits, random);
        byte[] publicKey = EncodePublicKey(key);
        byte[] keyIdentifier = new Sha1().Of(publicKey);   // RFC 5280 4.2.1.2 (1)
        byte[] serial = new byte[16];
        random(serial);
        serial[0] = (byte)((serial[0] & 0x3f) | 0x40);   // positive, and none shorter

        byte[] body = EncodeBody(serial, now, publicKey, keyIdentifier);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(body);
            WriteAlgorithm(writer, Oid.Sha256WithRsa);
            writer.WriteBitString(RsaPadding.Sign(key, body));
        }

        return new TransportCertificate(key, writer.Encode(), keyIdentifier);
    }

    // RFC 5280 4.1
    private static byte[] EncodeBody(byte[] serial, DateTimeOffset now, byte[] publicKey, byte[] keyIdentifier)
    {
        const int Version3 = 2;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(Asn1Reader.Context(0)))
            {
                writer.WriteInteger(Version3);
            }

            writer.WriteInteger(serial);
            WriteAlgorithm(writer, Oid.Sha256WithRsa);
            WriteName(writer);
            using (writer.PushSequence())
            {
                WriteTime(writer, now);
                WriteTime(writer, now + s_validity);
            }

            WriteName(writer);
            using (writer.PushSequence())
            {
                WriteAlgorithm(writer, Oid.RsaEncryption);
                writer.WriteBitString(publicKey);
            }

            using (writer.PushSequence(Asn1Reader.Context(3)))
            using (writer.PushSequence())
            {
                WriteExtensions(writer, keyIdentifier);
            }
        }

        return writer.Encode();
    }

    private static byte[] EncodePublicKey(RsaKey key)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(key.Modulus);
            writer.WriteInteger(RsaKey.Exponent);
        }

        return writer.Encode();
    }

    private static void WriteAlgorithm(AsnWriter writer, string algorithm)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(algorithm);
            writer.WriteNull();
        }
    }

    private static void WriteName(AsnWriter writer)
    {
        using (writer.PushSequence())
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Oid.CommonName);
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, Name);
        }
    }

    // RFC 5280 4.1.2.5: two digits of the year up to 2049, then four.
    private static void WriteTime(AsnWriter writer, DateTimeOffset time)
    {
        if (time.Year is >= 1950 and < 2050)
        {
            writer.WriteUtcTime(time);
        }
        else
        {
            writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
        }
    }

    // As openssl req -x509 makes them, with which other agents make theirs.
    private static void WriteExtensions(AsnWriter writer, byte[] keyIdentifier)
    {
        WriteExtension(Oid.SubjectKeyIdentifier, isCritical: false, () => writer.WriteOctetString(keyIdentifier));
        WriteExtension(Oid.AuthorityKeyIdentifier, isCritical: false, () =>
        {
            using (writer.PushSequence())
            {
                writer.WriteOctetString(keyIdentifier, Asn1Reader.Context(0, isConstructed: false));
            }
        });
        WriteExtension(Oid.BasicConstraints, isCritical: true, () =>
        {
            using (writer.PushSequence())
            {
                writer.WriteBoolean(true);
            }
        });

        void WriteExtension(string id, bool isCritical, Action writeValue)
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(id);
                if (isCritical)
                {
                    writer.WriteBoolean(true);
                }

                using (writer.PushOctetString())
                {
                    writeValue();
                }
            }
        }
    }
}
