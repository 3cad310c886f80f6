using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;
using Azprovision.Media;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Media;

public class Iso9660ImageTests
{
    private static readonly string s_longName = new string('a', 240) + ".txt";

    [Theory]
    [InlineData("iso-plain", "CUSTOMDA.BIN")]
    [InlineData("xorriso-plain", "CUSTOMDATA.BIN")]
    [InlineData("iso-joliet", "CustomData.bin")]
    [InlineData("iso-rock", "CustomData.bin")]
    [InlineData("xorriso", "CustomData.bin")]
    [InlineData("genisoimage-udf", "CUSTOMDA.BIN")]
    public void Files_are_read_as_genisoimage_and_xorriso_wrote_them(string name, string customData)
    {
        Iso9660Image image = Open(DvdImages.Read(name))!;
        Assert.StartsWith("<?xml", Encoding.UTF8.GetString(image.TryReadFile("ovf-env.xml", 1 << 20)!));
        Assert.Equal(1535, image.TryReadFile("ovf-env.xml", 1 << 20)!.Length);
        Assert.Equal(DvdImages.CustomData, image.TryReadFile(customData, 1 << 20));
        Assert.Null(image.TryReadFile("deep", 100));
    }

    [Theory]
    [InlineData("iso-rock")]
    [InlineData("xorriso")]
    public void A_long_Rock_Ridge_name_goes_on_in_a_continuation_area(string name) =>
        Assert.Equal("long\n", Text(name, s_longName));

    [Theory]
    [InlineData("iso-joliet")]
    [InlineData("iso-rock")]
    [InlineData("xorriso")]
    public void Names_beyond_ASCII_are_decoded(string name) =>
        Assert.Equal("wide\n", Text(name, "ключ-名.txt"));

    [Fact]
    public void A_file_that_only_the_plain_tree_has_is_found_beside_Joliet()
    {
        byte[] image = DvdImages.Read("iso-joliet");
        int at = image.AsSpan().IndexOf(Encoding.BigEndianUnicode.GetBytes("ovf-env.xml"));
        image[at + 1] = (byte)'x';
        Assert.Equal(1535, Open(image)!.TryReadFile("ovf-env.xml", 1 << 20)!.Length);
    }

    [Fact]
    public void A_file_of_two_extents_is_put_together()
    {
        const int Sector = 2048;
        byte[] image = DvdImages.Read("iso-plain");
        int at = image.AsSpan().IndexOf("CUSTOMDA.BIN;1"u8) - 33;
        int length = image[at];
        int end = ((at / Sector) + 1) * Sector;
        image.AsSpan(at, end - at - length).CopyTo(image.AsSpan(at + length));
        WriteLength(image, at, Sector);
        image[at + 25] |= 0x80;   // more of the file in the next record
        WriteLength(image, at + length, DvdImages.CustomData.Length - Sector);
        image[at + length + 2]++;   // the next block
        Assert.Equal(DvdImages.CustomData, Open(image)!.TryReadFile("CUSTOMDA.BIN", 1 << 20));
    }

    [Fact]
    public void A_root_directory_beyond_the_end_is_refused()
    {
        byte[] image = DvdImages.Read("iso-plain");
        image[(16 * 2048) + 156 + 5] = 0x7F;
        Assert.Contains(
            "ISO 9660: the root directory: 2048 bytes at byte",
            Assert.Throws<InvalidDataException>(() => Open(image)).Message);
    }

    [Fact]
    public void Other_contents_are_not_ISO_9660()
    {
        Assert.Null(Open([]));
        Assert.Null(Open(new byte[1 << 20]));
        Assert.Null(Open(DvdImages.Read("udf-201-512")));
    }

    [Fact]
    public void A_file_beyond_the_limit_is_refused_with_its_size() =>
        Assert.Equal(
            "ISO 9660: 'CustomData.bin' has 10070 bytes, at most 10069 are read",
            Assert.Throws<InvalidDataException>(
                () => Open(DvdImages.Read("xorriso"))!.TryReadFile("CustomData.bin", 10069)).Message);

    private static void WriteLength(byte[] image, int record, int length) =>
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(record + 10), length);

    private static string Text(string image, string file) =>
        Encoding.UTF8.GetString(Open(DvdImages.Read(image))!.TryReadFile(file, 100)!);

    private static Iso9660Image? Open(byte[] image) => Iso9660Image.TryOpen(new MemoryStream(image));
}
