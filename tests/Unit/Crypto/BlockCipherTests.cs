using System;
using System.IO;
using System.Security.Cryptography;
using Azprovision.Crypto;
using Azprovision.Tests.Platform;
using Azprovision.Tests.Unit.Support;
using Xunit;
using OurAes = Azprovision.Crypto.Aes;
using OurTripleDes = Azprovision.Crypto.TripleDes;

namespace Azprovision.Tests.Unit.Crypto;

public class BlockCipherTests
{
    // SP 800-38A F.2.2, F.2.4 and F.2.6, all four blocks.
    private const string NistIv = "000102030405060708090a0b0c0d0e0f";
    private const string NistText =
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

    [Theory]
    [InlineData("2b7e151628aed2a6abf7158809cf4f3c", "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7")]
    [InlineData("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd")]
    [InlineData("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b")]
    public void Known_blocks_decrypt_to_their_known_text(string key, string encrypted)
    {
        // The text has no padding: a block of nothing else goes before it is looked for.
        byte[] blocks = Convert.FromHexString(encrypted);
        using var other = System.Security.Cryptography.Aes.Create();
        other.Key = Convert.FromHexString(key);
        byte[] padding = other.EncryptCbc(Array.Empty<byte>(), blocks[^16..], PaddingMode.PKCS7);
        byte[] clear = new OurAes(Convert.FromHexString(key)).DecryptCbc(Convert.FromHexString(NistIv), [.. blocks, .. padding]);
        Assert.Equal(NistText, Convert.ToHexStringLower(clear));
    }

    // SP 800-67 (revision 2) appendix B.1: three keys, "The qufck brown fox jump".
    [Fact]
    public void The_example_of_triple_des_decrypts()
    {
        const string Key = "0123456789abcdef23456789abcdef01456789abcdef0123";
        string[] blocks = ["a826fd8ce53b855f", "cce21c8112256fe6", "68d5c05dd9b6b900"];
        string[] texts = ["5468652071756663", "6b2062726f776e20", "666f78206a756d70"];
        using var other = System.Security.Cryptography.TripleDES.Create();
        other.Key = Convert.FromHexString(Key);
        for (int i = 0; i < blocks.Length; i++)
        {
            byte[] block = Convert.FromHexString(blocks[i]);
            byte[] padding = other.EncryptCbc(Array.Empty<byte>(), block, PaddingMode.PKCS7);
            byte[] clear = new OurTripleDes(other.Key).DecryptCbc(new byte[8], [.. block, .. padding]);
            Assert.Equal(texts[i], Convert.ToHexStringLower(clear));
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(32)]
    public void What_the_other_implementation_encrypts_decrypts(int keySize)
    {
        var random = new Random(keySize);
        for (int length = 0; length < 300; length += random.Next(1, 9))
        {
            byte[] clear = new byte[length];
            random.NextBytes(clear);
            using var aes = System.Security.Cryptography.Aes.Create();
            aes.Key = RandomNumberGenerator.GetBytes(keySize);
            byte[] iv = RandomNumberGenerator.GetBytes(16);
            Assert.Equal(clear, new OurAes(aes.Key).DecryptCbc(iv, aes.EncryptCbc(clear, iv)));
            using var des = System.Security.Cryptography.TripleDES.Create();
            Assert.Equal(clear, new OurTripleDes(des.Key).DecryptCbc(iv.AsSpan(0, 8), des.EncryptCbc(clear, iv[..8])));
        }
    }

    [Theory]
    [InlineData("-aes-128-cbc", 16, 16)]
    [InlineData("-aes-256-cbc", 32, 16)]
    [InlineData("-des-ede3-cbc", 24, 8)]
    public void What_openssl_encrypts_decrypts(string cipher, int keySize, int blockSize)
    {
        using var root = new TempRoot();
        byte[] clear = RandomNumberGenerator.GetBytes(10_007);
        byte[] key = RandomNumberGenerator.GetBytes(keySize);
        byte[] iv = RandomNumberGenerator.GetBytes(blockSize);
        string input = Path.Combine(root.Path, "in");
        string output = Path.Combine(root.Path, "out");
        File.WriteAllBytes(input, clear);
        Tool.Run("openssl", "enc", cipher, "-K", Convert.ToHexString(key), "-iv", Convert.ToHexString(iv), "-in", input, "-out", output);
        BlockCipher ours = blockSize == 8 ? new OurTripleDes(key) : new OurAes(key);
        Assert.Equal(clear, ours.DecryptCbc(iv, File.ReadAllBytes(output)));
    }

    [Fact]
    public void Lengths_that_do_not_fit_and_wrong_paddings_are_refused()
    {
        using var aes = System.Security.Cryptography.Aes.Create();
        var ours = new OurAes(aes.Key);
        byte[] iv = new byte[16];
        Assert.Throws<InvalidDataException>(() => ours.DecryptCbc(iv, []));
        Assert.Throws<InvalidDataException>(() => ours.DecryptCbc(iv, new byte[17]));
        Assert.Throws<InvalidDataException>(() => ours.DecryptCbc(new byte[8], new byte[16]));
        for (int last = 0; last < 256; last++)
        {
            // 15 bytes of 3 and one more: right for 1, and where all before it are as many.
            byte[] block = [3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, (byte)last];
            byte[] encrypted = aes.EncryptCbc(block, iv, PaddingMode.None);
            if (last is 1 or 3)
            {
                Assert.Equal(16 - last, ours.DecryptCbc(iv, encrypted).Length);
            }
            else
            {
                Assert.Throws<InvalidDataException>(() => ours.DecryptCbc(iv, encrypted));
            }
        }
    }
}
