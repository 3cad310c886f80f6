using System;

namespace Azprovision.Run;

/// <summary>
/// The CRC of GPT (UEFI 2.10 5.3.2) and gzip (RFC 1952 8): polynomial 0x04C11DB7 with all bits reflected, as in ISO 3309.
/// </summary>
internal static class Crc32
{
    internal static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
