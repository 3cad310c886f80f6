using System;
using System.Collections.Generic;
using System.Text;
using Azprovision.Media;
using Azprovision.Spec;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Media;

public class OvfDocumentTests
{
    private const string Password = "pa55w0rd";

    /// <summary>How the password element may be written; the text of the password is in each.</summary>
    private static readonly string[] s_elements =
    [
        "<UserPassword>pa55w0rd</UserPassword>",
        "<wa:UserPassword>pa55w0rd</wa:UserPassword>",
        "<AdminPassword>pa55w0rd</AdminPassword>",
        "<n:UserPassword xmlns:n=\"http://schemas.microsoft.com/windowsazure\" n:a='>' b='\"/>'\n >pa55w0rd</n:UserPassword\n>",
        "<UserPassword><![CDATA[pa55w0rd]]></UserPassword>",
        "<UserPassword>&#112;a55w0rd&amp;&lt;pa55w0rd</UserPassword>",
        "<UserPassword><!-- not this --> pa55w0rd<!-- pa55w0rd > --></UserPassword>",
        "<UserPassword>\r\n\tpa55w0rd\r\n</UserPassword>",
        "<UserPassword>pa55w0rd<UserPassword>pa55w0rd</UserPassword>x<deeper/></UserPassword>",
        "<UserPassword i:nil='false'>pa55w0rd</UserPassword ><Other/>",
        "<UserPassword>pa55w0rd</UserPassword><Other><x:SomePassword xmlns:x='urn:x'>pa55w0rd</x:SomePassword></Other>",
        "<UserPassword/><AdminPassword>pa55w0rd</AdminPassword>",
    ];

    public static TheoryData<string, string> Shapes
    {
        get
        {
            var shapes = new TheoryData<string, string>();
            foreach (string element in s_elements)
            {
                foreach (string form in (string[])
                    [
                        "utf-8", "BOM", "utf-16", "UTF-16 without mark", "utf-16BE", "iso-8859-1", "ISO8859-1", "latin1",
                        "windows-1252", "CRLF", "CR", "one line", "line break first", "NULs behind",
                    ])
                {
                    shapes.Add(element, form);
                }
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_copy_without_the_password_says_everything_else(string element, string form)
    {
        byte[] bytes = Encode(element, form);
        OvfEnvironment original = OvfXml.Parse(bytes);
        byte[] copy = original.Document.WithPassword("");
        OvfEnvironment parsed = OvfXml.Parse(copy);

        Assert.Contains(Password, Encoding.UTF8.GetString(original.UserPassword!.Reveal()));
        Assert.Null(parsed.UserPassword);
        Assert.DoesNotContain("a55w0rd", Encoding.UTF8.GetString(copy));
        Assert.Equal(Describe(original), Describe(parsed));
        Assert.Equal("heron-é", parsed.HostName);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_copy_with_a_mark_has_the_mark_as_password(string element, string form)
    {
        OvfEnvironment original = OvfXml.Parse(Encode(element, form));
        OvfEnvironment parsed = OvfXml.Parse(original.Document.WithPassword("*"));
        Assert.Equal("*"u8, parsed.UserPassword!.Reveal());
        Assert.Equal(Describe(original), Describe(parsed));
    }

    [Fact]
    public void A_document_without_password_is_copied_as_it_is() =>
        Assert.Equal(OvfSamples.Bytes("key"), OvfXml.Parse(OvfSamples.Bytes("key")).Document.WithPassword(""));

    private static byte[] Encode(string element, string form)
    {
        string name = form is "iso-8859-1" or "ISO8859-1" or "latin1" or "windows-1252" or "utf-16" or "utf-16BE" ? form : form.StartsWith("UTF-16", StringComparison.Ordinal) ? "utf-16" : "utf-8";
        string text = $"<?xml version=\"1.0\" encoding=\"{name}\"?>\n<!-- > -->\n" + OvfSamples.With(
            $"\n<HostName>heron-é</HostName>\n{element}\n<CustomData>aGVsbG8K</CustomData>\n"
            + "<SSH><PublicKeys><PublicKey><Value>k\n</Value></PublicKey></PublicKeys></SSH>");
        return form switch
        {
            "BOM" => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)],
            "utf-16" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)],
            "UTF-16 without mark" => Encoding.Unicode.GetBytes(text),
            "utf-16BE" => [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)],
            "iso-8859-1" or "ISO8859-1" or "latin1" or "windows-1252" => Encoding.Latin1.GetBytes(text),
            "CRLF" => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")),
            "CR" => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r")),
            "line break first" => Encoding.UTF8.GetBytes("\r\n" + text),
            "NULs behind" => [.. Encoding.UTF8.GetBytes(text), 0, 0, 0],
            "one line" => Encoding.UTF8.GetBytes(text.ReplaceLineEndings(" ")),
            _ => Encoding.UTF8.GetBytes(text),
        };
    }

    private static List<object?> Describe(OvfEnvironment ovf) =>
    [
        ovf.Version, ovf.HostName, ovf.UserName, ovf.DisableSshPasswordAuthentication, .. ovf.PublicKeys, .. ovf.KeyPairs,
        ovf.CustomData is { } data ? Convert.ToHexString(data.Reveal()) : null, ovf.ProvisionGuestAgent,
        ovf.ProvisionGuestProxyAgent, ovf.PreprovisionedVm, ovf.PreprovisionedVmType,
        ovf.Document.CustomDataText is { } text ? Convert.ToHexString(text.Reveal()) : null,
    ];
}
