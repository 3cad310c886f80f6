using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Media;
using Azprovision.Spec;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Media;

public class OvfXmlTests
{
    [Fact]
    public void A_VM_with_password_and_custom_data_is_understood()
    {
        OvfEnvironment ovf = OvfXml.Parse(OvfSamples.Bytes("password"));
        Assert.Equal("1.0", ovf.Version);
        Assert.Equal("heron", ovf.HostName);
        Assert.Equal("ada", ovf.UserName);
        Assert.Equal("Tr0ub&dor 3<x", Text(ovf.UserPassword));
        Assert.False(ovf.DisableSshPasswordAuthentication);
        Assert.Equal("#!/bin/sh\necho hello > /tmp/hi\n", Text(ovf.CustomData));
        Assert.Equal("IyEvYmluL3NoCmVjaG8gaGVsbG8gPiAvdG1wL2hpCg==", Text(ovf.Document.CustomDataText));
        Assert.True(ovf.ProvisionGuestAgent);
        Assert.Null(ovf.ProvisionGuestProxyAgent);
        Assert.False(ovf.PreprovisionedVm);
        Assert.Null(ovf.PreprovisionedVmType);
        Assert.Empty(ovf.PublicKeys);
        Assert.Empty(ovf.KeyPairs);
    }

    [Fact]
    public void A_VM_with_a_key_is_understood()
    {
        OvfEnvironment ovf = OvfXml.Parse(OvfSamples.Bytes("key"));
        Assert.Equal(
            new OvfPublicKey(
                "5A2F0C9E7714B3D86E21AB40C53D9918F07E6B42",
                "/home/grace/.ssh/authorized_keys",
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f grace@laptop"),
            Assert.Single(ovf.PublicKeys));
        Assert.Null(ovf.UserPassword);
        Assert.True(ovf.DisableSshPasswordAuthentication);
        Assert.Equal("None", ovf.PreprovisionedVmType);
        Assert.False(ovf.ProvisionGuestProxyAgent);
        Assert.Null(ovf.CustomData);
    }

    [Fact]
    public void Keys_known_by_fingerprint_and_key_pairs_are_understood()
    {
        OvfEnvironment ovf = OvfXml.Parse(OvfSamples.Bytes("fingerprint"));
        const string Fingerprint = "C0FFEE00112233445566778899AABBCCDDEEFF01";
        Assert.Equal(
            new OvfPublicKey(Fingerprint, "$HOME/linus/.ssh/authorized_keys", null), Assert.Single(ovf.PublicKeys));
        Assert.Equal(new OvfKeyPair(Fingerprint, "$HOME/linus/.ssh/id_rsa"), Assert.Single(ovf.KeyPairs));
        Assert.False(ovf.ProvisionGuestAgent);
    }

    [Theory]
    [InlineData("<HostName/>")]
    [InlineData("<HostName></HostName>")]
    [InlineData("<HostName i:nil='true'/>")]
    [InlineData("<HostName i:nil='1'>heron</HostName>")]
    [InlineData("<HostName xmlns='http://example.org/other'>heron</HostName>")]
    [InlineData("<Other><HostName>heron</HostName></Other>")]
    [InlineData("<SSH><HostName>heron</HostName></SSH>")]
    [InlineData("<hostname>heron</hostname>")]
    [InlineData("<!--<HostName>heron</HostName>-->")]
    public void What_is_empty_nil_elsewhere_or_of_another_namespace_is_absent(string elements) =>
        Assert.Null(Parse(elements).HostName);

    [Theory]
    [InlineData("<HostName>heron</HostName>")]
    [InlineData("<HostName xmlns=''>heron</HostName>")]
    [InlineData("<wa:HostName>heron</wa:HostName>")]
    [InlineData("<ns1:HostName xmlns:ns1='http://schemas.microsoft.com/windowsazure'>heron</ns1:HostName>")]
    [InlineData("<HostName><![CDATA[heron]]></HostName>")]
    [InlineData("<HostName>he<!-- -->r<?pi x?><![CDATA[o]]>&#110;</HostName>")]
    [InlineData("<HostName i:nil='false' other='>'>heron</HostName>")]
    public void A_value_is_found_however_it_is_written(string elements) =>
        Assert.Equal("heron", Parse(elements).HostName);

    [Fact]
    public void White_space_around_names_and_passwords_stays()
    {
        OvfEnvironment ovf = Parse("<UserName> ada\n</UserName><UserPassword>  </UserPassword>");
        Assert.Equal(" ada\n", ovf.UserName);
        Assert.Equal("  ", Text(ovf.UserPassword));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("TRUE", true)]
    [InlineData("1", true)]
    [InlineData("On", true)]
    [InlineData(" yes ", true)]
    [InlineData("false", false)]
    [InlineData("0", false)]
    [InlineData("y", false)]
    public void A_flag_is_read_as_cloud_init_reads_it(string text, bool expected) => Assert.Equal(
        expected,
        Parse($"<DisableSshPasswordAuthentication>{text}</DisableSshPasswordAuthentication>").DisableSshPasswordAuthentication);

    [Theory]
    [InlineData("false", false)]
    [InlineData(" FALSE\n", false)]
    [InlineData("true", true)]
    [InlineData("0", true)]
    [InlineData("no", true)]
    [InlineData("disabled", true)]
    public void Only_the_word_false_keeps_the_guest_agent_off(string text, bool expected) => Assert.Equal(
        expected,
        OvfXml.Parse(Encoding.UTF8.GetBytes(
            OvfSamples.Text("key").Replace("<ProvisionGuestAgent>true<", $"<ProvisionGuestAgent>{text}<", StringComparison.Ordinal)))
            .ProvisionGuestAgent);

    [Theory]
    [InlineData("<UserPassword>a</UserPassword><AdminPassword>b</AdminPassword>", "a")]
    [InlineData("<UserPassword/><AdminPassword>b</AdminPassword>", "b")]
    [InlineData("<adminPassword>c</adminPassword>", "c")]
    public void AdminPassword_counts_where_UserPassword_is_not(string elements, string password) =>
        Assert.Equal(password, Text(Parse(elements).UserPassword));

    [Theory]
    [InlineData("PreprovisionedVMType")]
    [InlineData("PreprovisionedVmType")]
    public void Both_spellings_of_the_type_are_read(string name)
    {
        string text = OvfSamples.Text("key").Replace("PreprovisionedVMType", name).Replace(">None<", ">Savable<");
        Assert.Equal("Savable", OvfXml.Parse(Encoding.UTF8.GetBytes(text)).PreprovisionedVmType);
    }

    /// <summary>The one value whose path another's begins with, up to a letter that is no slash.</summary>
    [Theory]
    [InlineData("true<ype/>")]
    [InlineData("true<ype>false</ype>")]
    [InlineData("true<ype/><ype/>")]
    public void What_stands_in_a_value_means_nothing_whatever_its_name(string text) => Assert.True(
        OvfXml.Parse(Encoding.UTF8.GetBytes(OvfSamples.Text("password").Replace(
            "<PreprovisionedVm>false<", $"<PreprovisionedVm>{text}<", StringComparison.Ordinal))).PreprovisionedVm);

    [Fact]
    public void White_space_inside_custom_data_is_no_part_of_its_base64() =>
        Assert.Equal("hello\n", Text(Parse("<CustomData>\r\n  aGVs\u00A0bG8K\t\n</CustomData>").CustomData));

    [Fact]
    public void Each_key_has_its_own_values()
    {
        OvfEnvironment ovf = Parse(
            "<SSH><PublicKeys><PublicKey><Value>k1</Value></PublicKey><PublicKey/>"
            + "<PublicKey><Path>p3</Path><Value>k3</Value></PublicKey></PublicKeys></SSH>");
        Assert.Equal([new(null, null, "k1"), new(null, null, null), new(null, "p3", "k3")], ovf.PublicKeys);
    }

    [Theory]
    [InlineData("<HostName>a</HostName><UserName>u</UserName><HostName>b</HostName>", "HostName", 2)]
    [InlineData("<UserName/><UserName/><UserName/>", "UserName", 3)]
    [InlineData("<SSH/><SSH/>", "SSH", 2)]
    [InlineData("<SSH><PublicKeys><PublicKey><Path>a</Path><Path>b</Path></PublicKey></PublicKeys></SSH>", "Path", 2)]
    public void What_is_there_more_than_once_is_refused(string elements, string name, int count) => Assert.Equal(
        $"unexpected metadata parsing ovf-env.xml: multiple configuration matches for '{name}' ({count})",
        Refusal(OvfSamples.With(elements)));

    [Theory]
    [InlineData("<Other/>", "ProvisioningSection")]
    [InlineData("<Environment/>", "ProvisioningSection")]
    [InlineData("<Environment><ProvisioningSection/></Environment>", "LinuxProvisioningConfigurationSet")]
    public void What_is_no_OVF_of_the_platform_is_refused(string document, string name) => Assert.Equal(
        $"unexpected metadata parsing ovf-env.xml: missing configuration for '{name}'", Refusal(document));

    [Theory]
    [InlineData("", "there is no element in it")]
    [InlineData(" \n<!-- DOCTYPE -->", "there is no element in it")]
    [InlineData("garbage", "not well-formed at line 1, column 1")]
    [InlineData("<Environment>\n<a></b></Environment>", "not well-formed at line 2, column 6")]
    [InlineData("<!DOCTYPE Environment><Environment/>", "a document type declaration is not allowed at line 1, column 1")]
    [InlineData("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "a document type declaration is not allowed at line 2, column 1")]
    [InlineData("<Environment>&bomb;</Environment>", "not well-formed at line 1, column 15")]
    [InlineData("<?xml version='1.0' encoding='klingon'?><a/>", "the encoding that it declares is none of UTF-8, UTF-16, ISO-8859-1 and windows-1252")]
    public void What_is_not_XML_is_refused_with_its_place(string document, string detail) =>
        Assert.Equal($"error parsing ovf-env.xml: {detail}", Refusal(document));

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused_with_their_place()
    {
        byte[] bytes = OvfSamples.Bytes("password");
        bytes[100] = 0xFF;
        Assert.Equal(
            "error parsing ovf-env.xml: byte 100 is not utf-8",
            Assert.Throws<InvalidDataException>(() => OvfXml.Parse(bytes)).Message);
    }

    [Fact]
    public void Limits_are_kept()
    {
        const string Prefix = "error parsing ovf-env.xml: ";
        Assert.Equal(Prefix + "1048577 bytes, at most 1048576 are read", Refusal(new string(' ', (1 << 20) + 1)));
        Assert.Equal(Prefix + "CustomData is not base64", Refusal(OvfSamples.With("<CustomData>a$b=</CustomData>")));
        Assert.Equal(
            Prefix + "CustomData has 65537 bytes, at most 65536 are read",
            Refusal(OvfSamples.With($"<CustomData>{Convert.ToBase64String(new byte[65537])}</CustomData>")));
        Assert.Equal(65536, Parse($"<CustomData>{Convert.ToBase64String(new byte[65536])}</CustomData>").CustomData!.Length);
        Assert.Equal(
            Prefix + "PublicKey 1 has 16385 characters, at most 16384 are read", Refusal(OvfSamples.With(Keys("a", 16385, 1))));
        Assert.Equal(Prefix + "more than 1000 elements 'PublicKey'", Refusal(OvfSamples.With(Keys("a", 1, 1001))));
        Assert.Equal(1000, Parse(Keys("a", 1, 1000)).PublicKeys.Count);
        Assert.Equal(
            Prefix + "more than 64 elements inside each other at line 1, column 193",
            Refusal(string.Concat(Enumerable.Repeat("<a>", 100_000))));
    }

    [Theory]
    [InlineData("attributes")]
    [InlineData("namespaces")]
    [InlineData("passwords")]
    [InlineData("prefixes")]
    [InlineData("one name")]
    [InlineData("one start tag")]
    [InlineData("elements")]
    [InlineData("comments")]
    [InlineData("entities")]
    [InlineData("lines")]
    [InlineData("white space")]
    public void A_large_document_takes_no_more_time_than_its_size(string what)
    {
        const int Size = 250_000;
        string document = what switch
        {
            "attributes" => $"<a {Repeat(n => $"a{n}='' ", Size)}/>",
            "namespaces" => $"<a {Repeat(n => $"xmlns:a{n}='u' ", Size)}/>",
            "prefixes" => $"<a xmlns:b='u'>{Repeat(_ => "<b:c b:d='' b:e='' b:f=''/>", Size)}</a>",
            "one name" => $"<{new string('a', Size / 2)}></{new string('a', Size / 2)}>",
            "passwords" => $"<a>{Repeat(_ => "<Password>x</Password>", Size)}</a>",
            "one start tag" => $"<a><Password a='{new string('>', Size)}'>x</Password></a>",
            "elements" => OvfSamples.With(Repeat(_ => "<HostName i:nil='true'/>", Size)),
            "comments" => OvfSamples.With($"<HostName>{Repeat(_ => "a<!---->", Size)}</HostName>"),
            "entities" => OvfSamples.With($"<HostName>{Repeat(_ => "&lt;", Size)}</HostName>"),
            "lines" => $"<a>{new string('\n', Size)}<Password>x</Password></a>",
            "white space" => OvfSamples.With($"<CustomData>{new string(' ', Size)}</CustomData>"),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
        long start = Stopwatch.GetTimestamp();
        Record.Exception(() => OvfXml.Parse(Encoding.UTF8.GetBytes(document)));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }

    [Theory]
    [InlineData("<UserPassword>s3cr&t</UserPassword>")]
    [InlineData("<UserPassword>s3cr<t</UserPassword>")]
    [InlineData("<UserPassword>s3cr</s3crt>")]
    [InlineData("<UserPassword>s3cr\u0001t</UserPassword>")]
    [InlineData("<UserPassword>s3cr</UserPassword s3crt>")]
    [InlineData("<UserPassword s3crt>s3cr</UserPassword>")]
    [InlineData("<UserPassword>s3cr&s3crt;</UserPassword>")]
    [InlineData("<s3crt:UserPassword>s3cr</s3crt:UserPassword>")]
    [InlineData("<UserPassword>s3crt</UserPassword><UserPassword>s3crt</UserPassword>")]
    [InlineData("<UserPassword>s3crt</UserPassword><CustomData>s3crt</CustomData>")]
    public void No_message_holds_what_stands_in_the_document(string elements)
    {
        Exception e = Assert.Throws<InvalidDataException>(
            () => OvfXml.Parse(Encoding.UTF8.GetBytes(OvfSamples.With(elements))));
        Assert.DoesNotContain("s3cr", e.ToString());
    }

    private static string Repeat(Func<int, string> part, int length)
    {
        var text = new StringBuilder();
        for (int n = 0; text.Length < length; n++)
        {
            text.Append(part(n));
        }

        return text.ToString();
    }

    private static string Keys(string value, int length, int count)
    {
        var keys = new StringBuilder("<SSH><PublicKeys>");
        for (int i = 0; i < count; i++)
        {
            keys.Append("<PublicKey><Value>").Insert(keys.Length, value, length).Append("</Value></PublicKey>");
        }

        return keys.Append("</PublicKeys></SSH>").ToString();
    }

    private static OvfEnvironment Parse(string elements) =>
        OvfXml.Parse(Encoding.UTF8.GetBytes(OvfSamples.With(elements)));

    private static string Refusal(string document) =>
        Assert.Throws<InvalidDataException>(() => OvfXml.Parse(Encoding.UTF8.GetBytes(document))).Message;

    private static string? Text(Secret? secret) => secret is null ? null : Encoding.UTF8.GetString(secret.Reveal());
}
