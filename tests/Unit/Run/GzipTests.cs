using System;
using System.IO;
using System.IO.Compression;
using Azprovision.Run;
using Xunit;

namespace Azprovision.Tests.Unit.Run;

public class GzipTests
{
    private const int Limit = 1 << 20;

    [Theory]
    [InlineData(1, CompressionLevel.SmallestSize)]
    [InlineData(100, CompressionLevel.SmallestSize)]
    [InlineData(200_000, CompressionLevel.SmallestSize)]
    [InlineData(200_000, CompressionLevel.Fastest)]
    [InlineData(200_000, CompressionLevel.NoCompression)]
    public void What_zlib_packed_comes_out_again(int size, CompressionLevel level)
    {
        var random = new Random(1);
        byte[] content = new byte[size];
        for (int i = 0; i < size; i++)
        {
            // Noise and repetitions, near and far.
            content[i] = i > 40_000 && (i & 0x1000) != 0 ? content[i - 30_000] : (byte)random.Next((i & 0x2000) != 0 ? 256 : 7);
        }

        Assert.Equal(content, Gzip.Unpack(Pack(content, level), Limit));
    }

    [Fact]
    public void More_than_the_limit_is_refused() =>
        Assert.Throws<InvalidDataException>(() => Gzip.Unpack(Pack(new byte[Limit + 1], CompressionLevel.SmallestSize), Limit));

    [Fact]
    public void A_damaged_file_is_refused_and_never_another_error()
    {
        byte[] packed = Pack(new byte[300], CompressionLevel.SmallestSize);
        var random = new Random(2);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] damaged = packed[..random.Next(3, packed.Length + 1)];
            damaged[random.Next(damaged.Length)] ^= (byte)random.Next(1, 256);
            try
            {
                Gzip.Unpack(damaged, Limit);
            }
            catch (InvalidDataException)
            {
                // as it should be
            }
        }
    }

    private static byte[] Pack(byte[] content, CompressionLevel level)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, level))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }
}
