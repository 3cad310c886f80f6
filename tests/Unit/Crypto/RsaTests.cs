using System;
using System.Collections.Generic;
using System.IO;
using System.Numerics;
using System.Security.Cryptography;
using Azprovision.Crypto;
using Xunit;

namespace Azprovision.Tests.Unit.Crypto;

public class RsaTests
{
    private static readonly RsaKey s_key = RsaKey.Generate(1024, Fill);

    [Fact]
    public void A_signature_is_accepted_by_the_other_implementation()
    {
        using RSA other = PublicHalf(s_key);
        byte[] message = RandomNumberGenerator.GetBytes(1000);
        Assert.True(other.VerifyData(message, RsaPadding.Sign(s_key, message), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    [Fact]
    public void What_the_other_implementation_encrypts_decrypts()
    {
        using RSA other = PublicHalf(s_key);
        for (int length = 0; length <= 62; length += 31)
        {
            byte[] message = RandomNumberGenerator.GetBytes(length);
            Assert.Equal(message, RsaPadding.Decrypt(s_key, other.Encrypt(message, RSAEncryptionPadding.Pkcs1)));
            Assert.Equal(
                message,
                RsaPadding.DecryptOaep(s_key, other.Encrypt(message, RSAEncryptionPadding.OaepSHA1), new Sha1(), new Sha1()));
            Assert.Equal(
                message,
                RsaPadding.DecryptOaep(s_key, other.Encrypt(message, RSAEncryptionPadding.OaepSHA256), new Sha256(), new Sha256()));
        }
    }

    [Fact]
    public void A_key_that_is_wiped_signs_nothing_any_more()
    {
        RsaKey key = RsaKey.Generate(1024, Fill);
        using RSA other = PublicHalf(key);
        byte[] message = [1];
        key.Wipe();
        Assert.False(other.VerifyData(message, RsaPadding.Sign(key, message), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    [Fact]
    public void What_was_encrypted_otherwise_or_for_another_key_is_refused()
    {
        using RSA other = PublicHalf(s_key);
        using RSA stranger = RSA.Create(2048);
        byte[] message = new byte[32];
        byte[] oaep = other.Encrypt(message, RSAEncryptionPadding.OaepSHA1);
        Assert.Throws<InvalidDataException>(() => RsaPadding.DecryptOaep(s_key, oaep, new Sha256(), new Sha256()));
        Assert.Throws<InvalidDataException>(() => RsaPadding.DecryptOaep(s_key, other.Encrypt(message, RSAEncryptionPadding.Pkcs1), new Sha1(), new Sha1()));
        Assert.Throws<InvalidDataException>(() => RsaPadding.DecryptOaep(s_key, stranger.Encrypt(message, RSAEncryptionPadding.OaepSHA1), new Sha1(), new Sha1()));
        Assert.Throws<InvalidDataException>(() => RsaPadding.Decrypt(s_key, new byte[127]));
        Assert.Throws<InvalidDataException>(() => RsaPadding.Decrypt(s_key, new byte[128]));
        byte[] tooLarge = new byte[128];
        tooLarge.AsSpan().Fill(0xff);
        Assert.Throws<InvalidDataException>(() => RsaPadding.Decrypt(s_key, tooLarge));
    }

    /// <summary>The public operation on a block of one's own: whatever stands in it is refused unless it is a padding.</summary>
    [Theory]
    [InlineData("0002" + "0102030405060708" + "00" + "aabb", true)]
    [InlineData("0002" + "01020304050607" + "00" + "aabb", false)]   // seven bytes of filling
    [InlineData("0001" + "0102030405060708" + "00" + "aabb", false)]
    [InlineData("0102" + "0102030405060708" + "00" + "aabb", false)]
    [InlineData("0002" + "0102030405060708" + "09" + "aabb", false)]   // no zero
    public void A_padding_of_pkcs1_is_looked_at_as_a_whole(string hex, bool isSound)
    {
        byte[] start = Convert.FromHexString(hex);
        byte[] block = new byte[128];
        block.AsSpan().Fill(0x11);
        start.CopyTo(block.AsSpan());
        byte[] encrypted = BigInteger
            .ModPow(new BigInteger(block, true, true), RsaKey.Exponent, Number(s_key.Modulus))
            .ToByteArray(true, true);
        byte[] sized = new byte[128];
        encrypted.CopyTo(sized.AsSpan(128 - encrypted.Length));
        if (isSound)
        {
            Assert.Equal(block[11..], RsaPadding.Decrypt(s_key, sized));
        }
        else
        {
            Assert.Throws<InvalidDataException>(() => RsaPadding.Decrypt(s_key, sized));
        }
    }

    [Fact]
    public void Powers_agree_with_the_other_implementation()
    {
        var random = new Random(17);
        for (int run = 0; run < 400; run++)
        {
            byte[] bytes = new byte[random.Next(1, 80)];
            random.NextBytes(bytes);
            bytes[0] = random.Next(3) == 0 ? (byte)0xff : bytes[0];
            var modulus = new BigInteger(bytes, true) | 3;
            random.NextBytes(bytes);
            BigInteger value = run % 7 == 0 ? modulus - 1 : new BigInteger(bytes, true) % modulus;
            BigInteger exponent = run % 11 == 0 ? 0 : new BigInteger(bytes.AsSpan(bytes.Length / 3), true);
            Assert.Equal(BigInteger.ModPow(value, exponent, modulus), Power(value, exponent, modulus));
        }
    }

    [Fact]
    public void A_thousand_small_primes_are_primes_of_full_length_and_all_different()
    {
        const int Bits = 128;
        var seen = new HashSet<BigInteger>();
        int[] ones = new int[Bits];
        for (int i = 0; i < 1000; i++)
        {
            BigInteger prime = Number(Natural.ToBytes(Prime.Find(Bits, Fill)));
            Assert.Equal(3, (int)(prime >> (Bits - 2)));
            Assert.True(seen.Add(prime));
            for (int bit = 0; bit < Bits; bit++)
            {
                ones[bit] += (int)(prime >> bit & 1);
            }

            // Fermat with bases of its own
            Assert.True(BigInteger.ModPow(2, prime - 1, prime).IsOne && BigInteger.ModPow(65537, prime - 1, prime).IsOne);
        }

        // Bits 1 to 125 are free: 500 of 1000, and six times the deviation of 15.8 is passed once in 2 million runs.
        for (int bit = 1; bit < Bits - 2; bit++)
        {
            Assert.InRange(ones[bit], 500 - 95, 500 + 95);
        }
    }

    [Fact]
    public void Keys_have_two_primes_far_apart_and_an_exponent_that_fits_them()
    {
        for (int i = 0; i < 50; i++)
        {
            RsaKey key = RsaKey.Generate(512, Fill);
            Assert.Equal(64, key.Modulus.Length);
            Assert.True(key.Modulus[0] >= 0x80);
            // the private operation undoes the public one: so the exponents are inverse for both primes
            byte[] message = RandomNumberGenerator.GetBytes(64);
            message[0] = 0;
            byte[] again = BigInteger
                .ModPow(new BigInteger(key.Apply(message), true, true), RsaKey.Exponent, Number(key.Modulus))
                .ToByteArray(true, true);
            Assert.Equal(new BigInteger(message, true, true), new BigInteger(again, true, true));
        }
    }

    [Fact]
    public void Composites_are_no_primes_not_even_those_of_carmichael()
    {
        foreach (BigInteger composite in (BigInteger[])[561, 1729, 41041, 825265, 321197185, BigInteger.Parse("3317044064679887385961981")])
        {
            Assert.False(Prime.IsProbablyPrime(Words(composite), Fill));
        }
    }

    private static void Fill(byte[] bytes) => RandomNumberGenerator.Fill(bytes);

    private static BigInteger Number(byte[] bytes) => new(bytes, true, true);

    private static uint[] Words(BigInteger number) => Natural.FromBytes(number.ToByteArray(true, true));

    private static BigInteger Power(BigInteger value, BigInteger exponent, BigInteger modulus)
    {
        var montgomery = new Montgomery(Words(modulus));
        return Number(Natural.ToBytes(montgomery.Plain(montgomery.Power(montgomery.Form(Words(value)), Words(exponent)))));
    }

    private static RSA PublicHalf(RsaKey key) => RSA.Create(new RSAParameters
    {
        Modulus = key.Modulus,
        Exponent = [1, 0, 1],
    });
}
