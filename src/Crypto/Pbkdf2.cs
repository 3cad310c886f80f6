using System;
using System.Buffers.Binary;

namespace Azprovision.Crypto;

/// <summary>PBKDF2 (RFC 8018 5.2).</summary>
internal static class Pbkdf2
{
    internal static byte[] Derive(Hmac password, ReadOnlySpan<byte> salt, int iterations, int length)
    {
        byte[] key = new byte[length];
        byte[] numbered = [.. salt, 0, 0, 0, 0];
        for (int at = 0, block = 1; at < length; at += password.Size, block++)
        {
            BinaryPrimitives.WriteInt32BigEndian(numbered.AsSpan(salt.Length), block);
            byte[] step = password.Of(numbered);
            byte[] sum = [.. step];
            for (int i = 1; i < iterations; i++)
            {
                step = password.Of(step);
                for (int b = 0; b < sum.Length; b++)
                {
                    sum[b] ^= step[b];
                }
            }

            sum.AsSpan(0, Math.Min(sum.Length, length - at)).CopyTo(key.AsSpan(at));
        }

        return key;
    }
}
