using System;
using System.Security.Cryptography;
using System.Text;
using Azprovision.Crypto;
using Xunit;

namespace Azprovision.Tests.Unit.Crypto;

public class HashTests
{
    private const string TwoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    // FIPS 180-4 examples (csrc.nist.gov) and the empty message.
    [Theory]
    [InlineData("", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    [InlineData("abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d")]
    [InlineData(TwoBlocks, 1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1")]
    [InlineData("a", 1_000_000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f")]
    public void Known_messages_have_their_known_sha1(string text, int times, string digest) =>
        Assert.Equal(digest, Convert.ToHexStringLower(new Sha1().Of(Repeat(text, times))));

    [Theory]
    [InlineData("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData(TwoBlocks, 1, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    [InlineData("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")]
    public void Known_messages_have_their_known_sha256(string text, int times, string digest) =>
        Assert.Equal(digest, Convert.ToHexStringLower(new Sha256().Of(Repeat(text, times))));

    [Fact]
    public void Every_length_around_a_block_agrees_with_the_other_implementation()
    {
        byte[] message = RandomNumberGenerator.GetBytes(200);
        for (int length = 0; length <= message.Length; length++)
        {
            Assert.Equal(SHA1.HashData(message.AsSpan(0, length)), new Sha1().Of(message.AsSpan(0, length)));
            Assert.Equal(SHA256.HashData(message.AsSpan(0, length)), new Sha256().Of(message.AsSpan(0, length)));
        }
    }

    // RFC 2202 and RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
    [Theory]
    [InlineData("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
        "b617318655057264e28bc0b6fb378c8ef146be00", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    [InlineData("4a656665", "what do ya want for nothing?",
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")]
    public void Known_keys_and_messages_have_their_known_hmac(string key, string message, string sha1, string sha256)
    {
        byte[] bytes = Convert.FromHexString(key);
        Assert.Equal(sha1, Convert.ToHexStringLower(new Hmac(new Sha1(), bytes).Of(Encoding.ASCII.GetBytes(message))));
        Assert.Equal(sha256, Convert.ToHexStringLower(new Hmac(new Sha256(), bytes).Of(Encoding.ASCII.GetBytes(message))));
    }

    [Fact]
    public void Hmac_agrees_with_the_other_implementation_for_every_length_of_key()
    {
        byte[] message = RandomNumberGenerator.GetBytes(100);
        for (int length = 0; length < 200; length++)
        {
            byte[] key = RandomNumberGenerator.GetBytes(length);
            Assert.Equal(HMACSHA1.HashData(key, message), new Hmac(new Sha1(), key).Of(message));
            Assert.Equal(HMACSHA256.HashData(key, message), new Hmac(new Sha256(), key).Of(message));
            Assert.Equal(HMACSHA512.HashData(key, message), new Hmac(new Sha512(), key).Of(message));
        }
    }

    // RFC 6070
    [Theory]
    [InlineData("password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6")]
    [InlineData("password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1")]
    [InlineData("passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038")]
    public void Known_passwords_have_their_known_key(string password, string salt, int iterations, string key)
    {
        var hmac = new Hmac(new Sha1(), Encoding.ASCII.GetBytes(password));
        Assert.Equal(
            key,
            Convert.ToHexStringLower(Pbkdf2.Derive(hmac, Encoding.ASCII.GetBytes(salt), iterations, key.Length / 2)));
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(7, 32)]
    [InlineData(100, 75)]
    public void Pbkdf2_agrees_with_the_other_implementation(int iterations, int length)
    {
        byte[] password = RandomNumberGenerator.GetBytes(9);
        byte[] salt = RandomNumberGenerator.GetBytes(16);
        Assert.Equal(
            Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, length),
            Pbkdf2.Derive(new Hmac(new Sha256(), password), salt, iterations, length));
    }

    private static byte[] Repeat(string text, int times) => Encoding.ASCII.GetBytes(new StringBuilder().Insert(0, text, times).ToString());
}
