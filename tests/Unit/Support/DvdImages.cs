using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;

namespace Azprovision.Tests.Unit.Support;

/// <summary>
/// Images of provisioning discs that other programs wrote: mkudffs and the kernel's udf, genisoimage, xorriso. How they
/// were made stands in tests/Unit/Media/Images/README.
/// </summary>
internal static class DvdImages
{
    /// <summary>All that hold ovf-env.xml and CustomData.bin.</summary>
    internal static readonly string[] Names =
    [
        "udf-201-512", "udf-102-2048", "udf-150-1024-short", "udf-200-4096-long", "udf-102-512-short",
        "udf-201-2048-long", "udf-strategy4096", "udf-sparable-150", "genisoimage-udf",
        "iso-plain", "iso-joliet", "iso-rock", "xorriso", "xorriso-plain",
    ];

    /// <summary>The custom data on the discs: long, and on UDF in many pieces.</summary>
    internal static readonly byte[] CustomData = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 90).Select(i =>
        $"custom data line {i} with some length to it, so that it is a few hundred bytes: 0123456789 0123456789 0123456789\n")));

    internal static string Directory => Path.Combine(AppContext.BaseDirectory, "Media", "Images");

    internal static byte[] Read(string name)
    {
        using FileStream file = File.OpenRead(Path.Combine(Directory, name + ".img.gz"));
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var image = new MemoryStream();
        unpacked.CopyTo(image);
        return image.ToArray();
    }
}
