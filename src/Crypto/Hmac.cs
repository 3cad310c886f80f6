using System;

namespace Azprovision.Crypto;

/// <summary>HMAC (RFC 2104) over any of the hash functions.</summary>
internal sealed class Hmac
{
    private readonly HashFunction _hash;
    private readonly byte[] _inner;
    private readonly byte[] _outer;

    internal Hmac(HashFunction hash, ReadOnlySpan<byte> key)
    {
        _hash = hash;
        _inner = new byte[hash.BlockSize];
        _outer = new byte[hash.BlockSize];
        if (key.Length > hash.BlockSize)
        {
            key = hash.Of(key);
        }

        key.CopyTo(_inner);
        key.CopyTo(_outer);
        for (int i = 0; i < _inner.Length; i++)
        {
            _inner[i] ^= 0x36;
            _outer[i] ^= 0x5c;
        }
    }

    internal int Size => _hash.DigestSize;

    internal byte[] Of(ReadOnlySpan<byte> message)
    {
        _hash.Append(_inner);
        byte[] inner = _hash.Of(message);
        _hash.Append(_outer);
        return _hash.Of(inner);
    }
}
