using System;
using System.IO;

namespace Azprovision.Crypto;

/// <summary>Cipher block chaining (SP 800-38A 6.2), padded as in RFC 5652 6.3; only decryption is needed.</summary>
internal abstract class BlockCipher(int blockSize)
{
    internal int BlockSize => blockSize;

    /// <summary>Throws InvalidDataException when the lengths do not fit or the padding is not one.</summary>
    internal byte[] DecryptCbc(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> encrypted)
    {
        if (iv.Length != blockSize || encrypted.Length == 0 || encrypted.Length % blockSize != 0)
        {
            throw new InvalidDataException(
                $"{encrypted.Length} encrypted bytes with an IV of {iv.Length} are not blocks of {blockSize}");
        }

        byte[] clear = new byte[encrypted.Length];
        ReadOnlySpan<byte> previous = iv;
        for (int at = 0; at < encrypted.Length; at += blockSize)
        {
            ReadOnlySpan<byte> block = encrypted.Slice(at, blockSize);
            Span<byte> target = clear.AsSpan(at, blockSize);
            DecryptBlock(block, target);
            for (int i = 0; i < blockSize; i++)
            {
                target[i] ^= previous[i];
            }

            previous = block;
        }

        int padding = clear[^1];
        bool isPadded = padding > 0 && padding <= blockSize
            && clear.AsSpan(clear.Length - padding).IndexOfAnyExcept((byte)padding) < 0;
        byte[]? unpadded = isPadded ? clear.AsSpan(0, clear.Length - padding).ToArray() : null;
        clear.AsSpan().Clear();
        return unpadded ?? throw new InvalidDataException("the padding is wrong: another key, or damaged");
    }

    protected abstract void DecryptBlock(ReadOnlySpan<byte> block, Span<byte> clear);
}
