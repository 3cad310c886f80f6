using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Azprovision.Media;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Media;

/// <summary>Whatever the bytes are, a decoder answers or says InvalidDataException, and soon.</summary>
public class MediaFuzzTests
{
    private const int Seed = 20261123;
    private const long MostMemory = 32 << 20;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(2);

    private static TimeSpan Budget => TimeSpan.FromSeconds(double.Parse(
        Environment.GetEnvironmentVariable("AZPROVISION_FUZZ_SECONDS") ?? "0.5", CultureInfo.InvariantCulture));

    [Fact]
    public void Damaged_UDF_gives_an_answer_or_InvalidDataException() =>
        Run(DvdImages.Names.Where(n => n.Contains("udf")).Append("udf-vat-150-empty").Append("udf-vat-201-empty"), bytes =>
        {
            UdfImage? image = UdfImage.TryOpen(new MemoryStream(bytes));
            image?.TryReadFile("ovf-env.xml", 1 << 20);
            image?.TryReadFile("CustomData.bin", 1 << 16);
        });

    [Fact]
    public void Damaged_ISO_9660_gives_an_answer_or_InvalidDataException() =>
        Run(DvdImages.Names.Where(n => !n.StartsWith("udf", StringComparison.Ordinal)), bytes =>
        {
            Iso9660Image? image = Iso9660Image.TryOpen(new MemoryStream(bytes));
            image?.TryReadFile("ovf-env.xml", 1 << 20);
            image?.TryReadFile("CustomData.bin", 1 << 16);
        });

    [Fact]
    public void A_damaged_OVF_gives_an_answer_or_InvalidDataException() => Fuzz.Run(
        [.. OvfSamples.Names.Select(OvfSamples.Bytes)],
        bytes => Try(bytes, b => OvfXml.Parse(b).Document.WithPassword("")));

    private static void Run(IEnumerable<string> names, Action<byte[]> read)
    {
        var random = new Random(Seed);
        byte[][] images = [.. names.Select(DvdImages.Read)];
        int[][] interesting = [.. images.Select(BytesThatAreNotZero)];
        var clock = Stopwatch.StartNew();
        int count = 0;
        for (; clock.Elapsed < Budget; count++)
        {
            int which = random.Next(images.Length);
            int[] places = interesting[which];
            byte[] bytes = Mutate(random, images[which], places);
            if (random.Next(4) != 0)
            {
                UdfSeals.Renew(bytes);
            }

            Try(bytes, read);
        }

        Assert.NotEqual(0, count);
    }

    private static void Try(byte[] bytes, Action<byte[]> read)
    {
        var clock = Stopwatch.StartNew();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read(bytes);
        }
        catch (InvalidDataException)
        {
        }

        // All that was ever taken, so at no time more.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, MostMemory);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, s_longest);
    }

    private static byte[] Mutate(Random random, byte[] original, int[] places)
    {
        byte[] bytes = (byte[])original.Clone();
        for (int changes = random.Next(1, 20); changes > 0; changes--)
        {
            int at = places[random.Next(places.Length)];
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.AsSpan(at, Math.Min(4, bytes.Length - at)).Fill((byte)(random.Next(2) * 255));
                    break;
                case 3:
                    random.NextBytes(bytes.AsSpan(at, Math.Min(8, bytes.Length - at)));
                    break;
                case 4:
                    int length = Math.Min(random.Next(64), bytes.Length - at);
                    bytes.AsSpan(random.Next(bytes.Length - length), length).CopyTo(bytes.AsSpan(at));
                    break;
                default:
                    if (random.Next(10) == 0)
                    {
                        return bytes[..at];
                    }

                    break;
            }
        }

        return bytes;
    }

    // Images are mostly empty: a change somewhere would hardly ever matter.
    private static int[] BytesThatAreNotZero(byte[] image) =>
        [.. Enumerable.Range(0, image.Length).Where(i => image[i] != 0).SelectMany(i => (int[])[i, Math.Min(i + 1, image.Length - 1)]).Distinct()];
}
