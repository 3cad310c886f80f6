using System;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Run;
using Xunit;

namespace Azprovision.Tests.Unit.Run;

public class XmlBytesTests
{
    [Theory]
    [InlineData("utf-8", "é")]
    [InlineData("UTF8", "é")]
    [InlineData("us-ascii", "é")]
    [InlineData("utf-16", "é")]
    [InlineData("ISO-8859-1", "Ã©")]
    [InlineData("ISO8859-1", "Ã©")]
    [InlineData("latin1", "Ã©")]
    [InlineData("windows-1252", "Ã©")]
    public void One_byte_text_is_read_as_it_declares_itself(string name, string content) => Assert.Equal(
        $"<?xml version='1.0' encoding='utf-8'?><a>{content}</a>",
        Decode(Encoding.UTF8.GetBytes($"<?xml version='1.0' encoding='{name}'?><a>é</a>")));

    [Fact]
    public void All_bytes_of_windows_1252_are_read()
    {
        string text = Decode(
            [.. "<?xml version='1.0' encoding='Windows-1252'?>"u8, .. Enumerable.Range(0x7F, 0x81).Select(b => (byte)b)]);
        Assert.Equal(
            "\u007F€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ\u00A0"
            + string.Concat(Enumerable.Range(0xA1, 0x5F).Select(c => (char)c)),
            text[text.IndexOf('\u007F', StringComparison.Ordinal)..]);
    }

    [Theory]
    [InlineData("\n<?xml version='1.0' encoding='utf-16'?><a/>")]
    [InlineData(" \t\r\n<?xml version='1.0' encoding='latin1'?><a/>")]
    [InlineData("<?xml version='1.0' encoding='utf-8'?><a/>\0")]
    [InlineData("\r\n<?xml version='1.0' encoding='windows-1252'?><a/>\0\0\0\0")]
    public void A_line_break_before_the_declaration_and_NULs_behind_the_end_do_not_matter(string text)
    {
        const string Expected = "<?xml version='1.0' encoding='utf-8'?><a/>";
        Assert.Equal(Expected, Decode(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(Expected, Decode(Encoding.Unicode.GetBytes(text)));
        Assert.Equal(Expected, Decode(Encoding.BigEndianUnicode.GetBytes(text)));
        Assert.Equal(Expected, Decode([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)]));
        Assert.Equal(Expected, Decode([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)]));
        Assert.Equal(Expected, Decode([0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n<a/>\n")]
    [InlineData("<a/>")]
    [InlineData("<a encoding='latin1'>é</a>")]
    [InlineData("<?xml version='1.0'?><a encoding='latin1'>é</a>")]
    [InlineData("<?xml encoding='")]
    [InlineData("<?xml encoding?>'latin1'")]
    [InlineData("?><?xml version='1.0' encoding='latin1'")]
    public void Where_no_declaration_names_another_it_is_UTF8_and_stays_as_it_is(string text) =>
        Assert.Equal(text, Decode(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("<?xml version='1.0' encoding='ebcdic'?><a/>", "none of UTF-8, UTF-16, ISO-8859-1 and windows-1252")]
    [InlineData("<?xml version='1.0' encoding=''?><a/>", "none of UTF-8, UTF-16, ISO-8859-1 and windows-1252")]
    [InlineData("<a>\u00E9", "test: byte 3 is not utf-8")]
    public void What_cannot_be_decoded_is_refused(string latin, string problem) => Assert.Contains(
        problem, Assert.Throws<InvalidDataException>(() => Decode(Encoding.Latin1.GetBytes(latin))).Message);

    private static string Decode(byte[] bytes) => XmlBytes.Decode(bytes, "test");
}
