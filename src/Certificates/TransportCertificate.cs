using System;
using System.Formats.Asn1;
using System.Globalization;
using System.Text;
using Azprovision.Crypto;

namespace Azprovision.Certificates;

/// <summary>
/// A self-signed certificate that exists for one run, for which the wire server encrypts what it sends. It finds the
/// recipient by the key identifier, so that the extension has to be there.
/// </summary>
internal sealed class TransportCertificate
{
    private const int KeyBits = 2048;
    private static readonly TimeSpan s_validity = TimeSpan.FromDays(730);

    // The BCL's writers of names, times and texts cost 100 KB: those stand here as they are encoded (X.690 8.19).
    private static ReadOnlySpan<byte> RsaEncryption => [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];

    private static ReadOnlySpan<byte> Sha256WithRsa => [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];

    private static ReadOnlySpan<byte> CommonName => [6, 3, 0x55, 4, 3];

    private static ReadOnlySpan<byte> SubjectKeyIdentifier => [6, 3, 0x55, 0x1d, 14];

    private static ReadOnlySpan<byte> BasicConstraints => [6, 3, 0x55, 0x1d, 19];

    private static ReadOnlySpan<byte> AuthorityKeyIdentifier => [6, 3, 0x55, 0x1d, 35];

    private static ReadOnlySpan<byte> Name => "\x0c\x0eLinuxTransport"u8;   // a UTF8String of 14 bytes

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
            WriteAlgorithm(writer, Sha256WithRsa);
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
            WriteAlgorithm(writer, Sha256WithRsa);
            WriteName(writer);
            using (writer.PushSequence())
            {
                WriteTime(writer, now);
                WriteTime(writer, now + s_validity);
            }

            WriteName(writer);
            using (writer.PushSequence())
            {
                WriteAlgorithm(writer, RsaEncryption);
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
            writer.WriteInteger([0, .. key.Modulus]);   // positive, though its first bit is set
            writer.WriteInteger(RsaKey.Exponent);
        }

        return writer.Encode();
    }

    private static void WriteAlgorithm(AsnWriter writer, ReadOnlySpan<byte> algorithm)
    {
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(algorithm);
            writer.WriteNull();
        }
    }

    private static void WriteName(AsnWriter writer)
    {
        using (writer.PushSequence())
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(CommonName);
            writer.WriteEncodedValue(Name);
        }
    }

    // RFC 5280 4.1.2.5: two digits of the year up to 2049, then four.
    private static void WriteTime(AsnWriter writer, DateTimeOffset time)
    {
        const byte UtcTime = 23;
        const byte GeneralizedTime = 24;
        bool isShort = time.Year is >= 1950 and < 2050;
        string text = time.UtcDateTime.ToString(
            isShort ? "yyMMddHHmmss'Z'" : "yyyyMMddHHmmss'Z'", CultureInfo.InvariantCulture);
        byte tag = isShort ? UtcTime : GeneralizedTime;
        writer.WriteEncodedValue([tag, (byte)text.Length, .. Encoding.ASCII.GetBytes(text)]);
    }

    // As openssl req -x509 makes them, with which other agents make theirs.
    private static void WriteExtensions(AsnWriter writer, byte[] keyIdentifier)
    {
        WriteExtension(SubjectKeyIdentifier, isCritical: false, () => writer.WriteOctetString(keyIdentifier));
        WriteExtension(AuthorityKeyIdentifier, isCritical: false, () =>
        {
            using (writer.PushSequence())
            {
                writer.WriteOctetString(keyIdentifier, Asn1Reader.Context(0, isConstructed: false));
            }
        });
        WriteExtension(BasicConstraints, isCritical: true, () =>
        {
            using (writer.PushSequence())
            {
                writer.WriteBoolean(true);
            }
        });

        void WriteExtension(ReadOnlySpan<byte> id, bool isCritical, Action writeValue)
        {
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(id);
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
