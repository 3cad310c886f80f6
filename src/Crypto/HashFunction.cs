using System;
using System.Buffers.Binary;

namespace Azprovision.Crypto;

/// <summary>
/// What SHA-1, SHA-256 and SHA-512 share (FIPS 180-4 5.1, 5.2): blocks, and a padding that ends with the length in bits.
/// The BCL's own load OpenSSL, which a static program cannot.
/// </summary>
internal abstract class HashFunction(int digestSize, int blockSize)
{
    private readonly byte[] _block = new byte[blockSize];
    private int _filled;
    private ulong _length;

    internal int DigestSize => digestSize;

    internal int BlockSize => blockSize;

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        _length += (ulong)bytes.Length;
        if (_filled + bytes.Length < blockSize)
        {
            bytes.CopyTo(_block.AsSpan(_filled));
            _filled += bytes.Length;
            return;
        }

        if (_filled > 0)
        {
            int missing = blockSize - _filled;
            bytes[..missing].CopyTo(_block.AsSpan(_filled));
            Compress(_block);
            bytes = bytes[missing..];
        }

        while (bytes.Length >= blockSize)
        {
            Compress(bytes[..blockSize]);
            bytes = bytes[blockSize..];
        }

        bytes.CopyTo(_block);
        _filled = bytes.Length;
    }

    /// <summary>Writes the digest of what was appended and starts anew.</summary>
    internal void Finish(Span<byte> digest)
    {
        int lengthSize = blockSize / 8;   // of SHA-512's sixteen bytes the upper half is zero here
        _block[_filled++] = 0x80;
        if (_filled > blockSize - lengthSize)
        {
            _block.AsSpan(_filled).Clear();
            Compress(_block);
            _filled = 0;
        }

        _block.AsSpan(_filled).Clear();
        BinaryPrimitives.WriteUInt64BigEndian(_block.AsSpan(blockSize - sizeof(ulong)), _length * 8);
        Compress(_block);
        WriteState(digest);
        Restart();
    }

    internal byte[] Of(ReadOnlySpan<byte> bytes)
    {
        Append(bytes);
        byte[] digest = new byte[digestSize];
        Finish(digest);
        return digest;
    }

    protected abstract void Start();

    protected abstract void Compress(ReadOnlySpan<byte> block);

    protected abstract void WriteState(Span<byte> digest);

    // What was hashed may have been a key.
    private void Restart()
    {
        _block.AsSpan().Clear();
        _filled = 0;
        _length = 0;
        Start();
    }
}
