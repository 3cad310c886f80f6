using System;
using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Azprovision.Tests.Unit.Support;

/// <summary>Broken variants of good input: cut, bytes changed, parts repeated or left out, or all random.</summary>
internal static class Fuzz
{
    private const int Seed = 20481;

    /// <summary>
    /// Gives variants to the check for about the seconds of AZPROVISION_FUZZ_SECONDS (0.5 when not set), the same ones in
    /// every run; what the check throws carries the variant.
    /// </summary>
    internal static void Run(byte[][] good, Action<byte[]> check)
    {
        string? text = Environment.GetEnvironmentVariable("AZPROVISION_FUZZ_SECONDS");
        double seconds = text is null ? 0.5 : double.Parse(text, CultureInfo.InvariantCulture);
        var random = new Random(Seed);
        long start = Stopwatch.GetTimestamp();
        int count = 0;
        for (; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; count++)
        {
            byte[] variant = Vary(good[random.Next(good.Length)], random);
            try
            {
                check(variant);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"input {Convert.ToHexString(variant)}: {e.Message}", e);
            }
        }

        Assert.NotEqual(0, count);
    }

    private static byte[] Vary(byte[] good, Random random)
    {
        byte[] bytes = [.. good];
        for (int changes = random.Next(1, 6); changes > 0 && bytes.Length > 0; changes--)
        {
            int at = random.Next(bytes.Length);
            int count = random.Next(1, Math.Min(40, bytes.Length - at) + 1);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes = bytes[..at];
                    break;
                case 3:
                    bytes = [.. bytes[..at], .. bytes[(at + count)..]];
                    break;
                case 4:
                    bytes = [.. bytes[..at], .. bytes[at..(at + count)], .. bytes[at..]];
                    break;
                case 5:
                    bytes[at] = (byte)"\0\r\n\t :;,<>&'\"/0f9-"[random.Next(18)];
                    break;
                default:
                    random.NextBytes(bytes.AsSpan(at, count));
                    break;
            }
        }

        return bytes;
    }
}
