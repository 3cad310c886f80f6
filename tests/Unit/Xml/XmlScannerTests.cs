using System;
using System.Linq;
using Xunit;

namespace Azprovision.Tests.Unit.Xml;

/// <summary>What XmlOracleTests cannot tell: limits, the words of a refusal, and the names of the fifth edition.</summary>
public class XmlScannerTests
{
    [Theory]
    [InlineData("", "there is no element in it")]
    [InlineData("<?p?><!---->\n", "there is no element in it")]
    [InlineData("<a>\n<b></c></a>", "not well-formed at line 2, column 6")]
    [InlineData("<a>\r<b>\r\n\n &c;</b></a>", "not well-formed at line 4, column 3")]
    [InlineData("<a b='c' b='d'/>", "not well-formed at line 1, column 17")]
    [InlineData("<a>\u0001", "not well-formed at line 1, column 4")]
    [InlineData("<a>\n", "not well-formed at line 2, column 1")]
    [InlineData("<a/>\n<!DOCTYPE a>", "a document type declaration is not allowed at line 2, column 1")]
    public void A_refusal_tells_the_place(string text, string problem) =>
        Assert.Equal($"test: {problem}", Problem(text));

    [Fact]
    public void Depth_attributes_and_prefixes_have_limits()
    {
        Assert.Null(Problem(Deep(64)));
        Assert.Equal("test: more than 64 elements inside each other at line 1, column 193", Problem(Deep(65)));

        Assert.Null(Problem($"<a{Many(64, n => $" a{n}=''")}/>"));
        Assert.StartsWith("test: more than 64 attributes", Problem($"<a{Many(65, n => $" a{n}=''")}/>"));

        // Those of an element, and those that are bound at one place.
        Assert.Null(Problem($"<a>{Many(100, n => $"<b xmlns:c{n}='u'/>")}</a>"));
        Assert.Null(Problem($"<a{Many(32, n => $" xmlns:a{n}='u'")}><b{Many(32, n => $" xmlns:b{n}='u'")}/></a>"));
        Assert.StartsWith(
            "test: more than 64 attributes",
            Problem($"<a{Many(32, n => $" xmlns:a{n}='u'")}><b{Many(33, n => $" xmlns:b{n}='u'")}/></a>"));
    }

    // Not in well-formed.txt: XmlReader has the names of the fourth edition.
    [Theory]
    [InlineData("<\u0100\u2c00/>")]
    [InlineData("<\u218f/>")]
    [InlineData("<\u203f/>", false)]
    [InlineData("<a\u203f\u2040/>")]
    [InlineData("<\ud800\udc00\udb7f\udfff/>")]
    [InlineData("<a\udb80\udc00/>", false)]
    [InlineData("<\u200c\u200d/>")]
    [InlineData("<\u200e/>", false)]
    [InlineData("<\u1fff\u2070\u3001\ufdf0/>")]
    [InlineData("<\u2190/>", false)]
    [InlineData("<\u3000/>", false)]
    [InlineData("<\ufdd0/>", false)]
    [InlineData("<a xml:space='other'/>")]
    public void Names_are_those_of_the_fifth_edition(string text, bool isWellFormed = true) =>
        Assert.Equal(isWellFormed, Problem(text) is null);

    [Fact]
    public void A_text_is_all_between_two_tags_but_comments_and_instructions() => Assert.Equal(
        "0 {}a at 1,2\n\"x<\n]]> y\"\n0 end at 2,38\n",
        XmlOracle.Scan("<a>x&lt;\r\n<!-- - -->]]&gt;<?p?><![CDATA[ ]]>y</a>").Events);

    private static string? Problem(string text) => XmlOracle.Scan(text).Problem;

    private static string Deep(int depth) =>
        string.Concat(Enumerable.Repeat("<a>", depth)) + string.Concat(Enumerable.Repeat("</a>", depth));

    private static string Many(int count, Func<int, string> part) =>
        string.Concat(Enumerable.Range(0, count).Select(part));
}
