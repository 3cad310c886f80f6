using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Media;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Media;

public class UdfImageTests
{
    public static TheoryData<string> Images => new(DvdImages.Names.Where(n => n.Contains("udf")));

    [Theory]
    [MemberData(nameof(Images))]
    public void Files_are_read_as_the_kernel_or_genisoimage_wrote_them(string name)
    {
        UdfImage image = Open(DvdImages.Read(name))!;
        Assert.StartsWith("<?xml", Encoding.UTF8.GetString(image.TryReadFile("ovf-env.xml", 1 << 20)!));
        Assert.Equal(1535, image.TryReadFile("ovf-env.xml", 1 << 20)!.Length);
        Assert.Equal(DvdImages.CustomData, image.TryReadFile("CustomData.bin", 1 << 20));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Names_of_eight_and_sixteen_bits_are_decoded(string name) =>
        Assert.Equal("wide\n", Text(name, "ключ-名.txt"));

    [Fact]
    public void A_character_above_ASCII_fits_in_eight_bits() =>
        Assert.Equal("latin\n", Text("udf-201-512", "café.txt"));

    [Fact]
    public void A_small_file_may_lie_inside_its_entry() =>
        Assert.Equal("0123456789\n", Text("udf-201-512", "small.txt"));

    [Fact]
    public void An_empty_file_is_empty() =>
        Assert.Equal("", Text("udf-102-512-short", "empty.bin"));

    [Theory]
    [InlineData("deleted-first.txt")]
    [InlineData("a-rather-long-name-for-a-file-number-1.txt")]
    [InlineData("deep")]
    [InlineData("no such file")]
    public void What_is_deleted_or_a_directory_is_not_there(string file) =>
        Assert.Null(Open(DvdImages.Read("udf-102-512-short"))!.TryReadFile(file, 100));

    [Fact]
    public void A_name_is_found_whatever_its_case() =>
        Assert.Equal("0123456789\n", Text("udf-201-512", "SMALL.txt"));

    [Theory]
    [InlineData("udf-vat-150-empty")]
    [InlineData("udf-vat-201-empty")]
    [InlineData("udf-vat-260-empty")]
    public void A_disc_with_a_virtual_allocation_table_is_opened(string name) =>
        Assert.Null(Open(DvdImages.Read(name))!.TryReadFile("ovf-env.xml", 100));

    [Fact]
    public void Other_contents_are_not_UDF()
    {
        Assert.Null(Open([]));
        Assert.Null(Open(new byte[1 << 20]));
        Assert.Null(Open(DvdImages.Read("iso-rock")));
    }

    [Fact]
    public void A_file_beyond_the_limit_is_refused_with_its_size() =>
        Assert.Equal(
            "UDF: 'CustomData.bin' has 10070 bytes, at most 10069 are read",
            Assert.Throws<InvalidDataException>(
                () => Open(DvdImages.Read("udf-201-512"))!.TryReadFile("CustomData.bin", 10069)).Message);

    private static string Text(string image, string file) =>
        Encoding.UTF8.GetString(Open(DvdImages.Read(image))!.TryReadFile(file, 100)!);

    private static UdfImage? Open(byte[] image) => UdfImage.TryOpen(new MemoryStream(image));
}
