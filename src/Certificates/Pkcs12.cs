using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Crypto;
using Azprovision.Spec;

namespace Azprovision.Certificates;

/// <summary>A PKCS#12 file (RFC 7292) under the empty password: certificates, and private keys of some.</summary>
internal sealed class Pkcs12
{
    private const string What = "PKCS#12";
    private const int MaxBags = 1000;

    private readonly PasswordEncryption _password = new();
    private readonly List<(Certificate Certificate, byte[]? LocalKeyId)> _certificates = [];
    private readonly List<(byte[] Key, byte[]? LocalKeyId)> _keys = [];
    private readonly List<byte[]> _clear = [];   // in which private keys may stand unencrypted

    internal static IReadOnlyList<DeployedCertificate> Read(ReadOnlySpan<byte> file)
    {
        var pkcs12 = new Pkcs12();
        try
        {
            pkcs12.ReadFile(file);
            var deployed = new List<DeployedCertificate>();
            foreach ((Certificate certificate, byte[]? localKeyId) in pkcs12._certificates)
            {
                deployed.Add(new DeployedCertificate(certificate, pkcs12.TryFindKey(certificate, localKeyId)));
            }

            return deployed;
        }
        finally
        {
            pkcs12._clear.ForEach(bytes => bytes.AsSpan().Clear());
        }
    }

    private void ReadFile(ReadOnlySpan<byte> file)
    {
        Asn1Reader pfx = new Asn1Reader(file, What).Sequence();
        if (pfx.Int32() is var version && version != 3)
        {
            throw new InvalidDataException($"{What}: version {version} is not 3");
        }

        Asn1Reader authSafe = pfx.Sequence();
        byte[] safes = Clear(ReadData(authSafe.ObjectId(), authSafe));
        if (pfx.HasData)
        {
            CheckMac(pfx.Sequence(), safes);
        }

        Asn1Reader contents = new Asn1Reader(safes, What).Sequence();
        while (contents.HasData)
        {
            Asn1Reader content = contents.Sequence();
            string type = content.ObjectId();
            byte[] bags = Clear(type == Oid.EncryptedData ? ReadEncryptedData(content) : ReadData(type, content));
            ReadBags(new Asn1Reader(bags, What).Sequence());
        }
    }

    private byte[] Clear(byte[] bytes)
    {
        _clear.Add(bytes);
        return bytes;
    }

    private static byte[] ReadData(string type, Asn1Reader content) => type == Oid.Data
        ? content.Tagged(0).OctetString()
        : throw new InvalidDataException($"{What}: contents of the type {type} are not known here");

    // RFC 5652 8
    private byte[] ReadEncryptedData(Asn1Reader content)
    {
        Asn1Reader encryptedData = content.Tagged(0).Sequence();
        encryptedData.Integer();   // version
        Asn1Reader info = encryptedData.Sequence();
        info.ObjectId();
        Asn1Reader algorithm = info.Sequence();
        return _password.Decrypt(algorithm, info.OctetString(Asn1Reader.Context(0, isConstructed: false)));
    }

    /// <summary>Also finds out how the empty password is meant: both are in use.</summary>
    private void CheckMac(Asn1Reader macData, byte[] safes)
    {
        Asn1Reader digestInfo = macData.Sequence();
        HashFunction hash = Encryption.Hash(digestInfo.Sequence().ObjectId(), What);
        byte[] expected = digestInfo.OctetString();
        byte[] salt = macData.OctetString();
        int iterations = macData.HasData ? macData.Int32() : 1;
        foreach (bool hasTerminator in (ReadOnlySpan<bool>)[true, false])
        {
            _password.HasTerminator = hasTerminator;
            if (_password.MacKey(hash, salt, iterations).Of(safes).AsSpan().SequenceEqual(expected))
            {
                return;
            }
        }

        throw new InvalidDataException($"{What}: the MAC is wrong: damaged, or under a password");
    }

    // RFC 7292 4.2
    private void ReadBags(Asn1Reader bags)
    {
        while (bags.HasData)
        {
            Asn1Reader bag = bags.Sequence();
            string type = bag.ObjectId();
            Asn1Reader value = bag.Tagged(0);
            byte[]? localKeyId = bag.HasData ? TryFindLocalKeyId(bag.Set()) : null;
            switch (type)
            {
                case Oid.KeyBag:
                    _keys.Add((Clear(value.Value().ToArray()), localKeyId));
                    break;
                case Oid.ShroudedKeyBag:
                    Asn1Reader shrouded = value.Sequence();
                    Asn1Reader algorithm = shrouded.Sequence();
                    _keys.Add((Clear(_password.Decrypt(algorithm, shrouded.OctetString())), localKeyId));
                    break;
                case Oid.CertBag:
                    Asn1Reader certificate = value.Sequence();
                    if (certificate.ObjectId() == Oid.X509Certificate)
                    {
                        _certificates.Add((Certificate.Parse(certificate.Tagged(0).OctetString()), localKeyId));
                    }

                    break;
            }

            if (_keys.Count + _certificates.Count > MaxBags)
            {
                throw new InvalidDataException($"{What}: more than {MaxBags} keys and certificates");
            }
        }
    }

    private static byte[]? TryFindLocalKeyId(Asn1Reader attributes)
    {
        while (attributes.HasData)
        {
            Asn1Reader attribute = attributes.Sequence();
            if (attribute.ObjectId() == Oid.LocalKeyId)
            {
                return attribute.Set().OctetString();
            }
        }

        return null;
    }

    /// <summary>By the public key; by the attribute that links them where the private key does not tell it.</summary>
    private Secret? TryFindKey(Certificate certificate, byte[]? localKeyId)
    {
        byte[]? mark = certificate.TryPublicKey()?.Mark;
        foreach ((byte[] key, byte[]? keyId) in _keys)
        {
            bool isItsOwn = PrivateKey.MarkOf(key) is { } own
                ? mark is not null && mark.AsSpan().SequenceEqual(own)
                : localKeyId is not null && keyId is not null && localKeyId.AsSpan().SequenceEqual(keyId);
            if (isItsOwn)
            {
                return new Secret([.. key]);
            }
        }

        return null;
    }
}
