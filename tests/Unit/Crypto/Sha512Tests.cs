using System;
using System.Text;
using Azprovision.Crypto;
using Xunit;

namespace Azprovision.Tests.Unit.Crypto;

public class Sha512Tests
{
    // FIPS 180-4 examples and the empty message.
    [Theory]
    [InlineData("", 1, "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e")]
    [InlineData("abc", 1, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")]
    [InlineData("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu", 1, "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909")]
    [InlineData("a", 1_000_000, "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b")]
    public void Known_messages_have_their_known_digest(string text, int times, string digest)
    {
        var message = new StringBuilder();
        message.Insert(0, text, times);
        Assert.Equal(digest, Convert.ToHexStringLower(HashOf(Encoding.ASCII.GetBytes(message.ToString()))));
    }

    [Fact]
    public void Every_length_around_a_block_agrees_with_the_other_implementation()
    {
        byte[] message = new byte[300];
        new Random(6).NextBytes(message);
        for (int length = 0; length <= message.Length; length++)
        {
            Assert.Equal(
                System.Security.Cryptography.SHA512.HashData(message.AsSpan(0, length)),
                HashOf(message.AsSpan(0, length)));
        }
    }

    [Fact]
    public void How_a_message_is_cut_does_not_matter()
    {
        byte[] message = new byte[1000];
        var random = new Random(512);
        random.NextBytes(message);
        var hash = new Sha512();
        byte[] digest = new byte[hash.DigestSize];
        for (int run = 0; run < 200; run++)
        {
            ReadOnlySpan<byte> rest = message;
            while (rest.Length > 0)
            {
                int count = random.Next(0, Math.Min(rest.Length, 200) + 1);
                hash.Append(rest[..count]);
                rest = rest[count..];
            }

            hash.Finish(digest);
            Assert.Equal(HashOf(message), digest);
        }
    }

    private static byte[] HashOf(ReadOnlySpan<byte> bytes) => new Sha512().Of(bytes);
}
