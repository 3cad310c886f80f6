using System.IO;
using System.Text;
using Azprovision.Http;
using Azprovision.Run;
using Xunit;

namespace Azprovision.Tests.Unit.Http;

public class HttpRequestTests
{
    private static readonly Endpoint s_server = new(0xA83F8110, 80);

    [Fact]
    public void A_request_without_a_body_is_a_get() =>
        Assert.Equal(
            "GET /machine/?comp=goalstate HTTP/1.1\r\nHost: 168.63.129.16\r\nConnection: close\r\nx-ms-version: 2012-11-30\r\n\r\n",
            Encode(new HttpRequest("/machine/?comp=goalstate", [new HttpHeader("x-ms-version", "2012-11-30")]), s_server));

    [Fact]
    public void A_request_with_a_body_is_a_post_that_says_its_length() =>
        Assert.Equal(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
            Encode(new HttpRequest("/", [], "abc"u8.ToArray()), new Endpoint(0x7F000001, 8080)));

    [Theory]
    [InlineData("")]
    [InlineData("machine")]
    [InlineData("/a b")]
    [InlineData("/a\r\nHost: other")]
    [InlineData("/\x7f")]
    [InlineData("/é")]
    public void A_target_that_could_end_the_request_line_is_refused(string target) =>
        Assert.Throws<InvalidDataException>(() => new HttpRequest(target, []).Encode(s_server));

    [Theory]
    [InlineData("A", "b\r\nC: d")]
    [InlineData("A", "b\0")]
    [InlineData("A", "é")]
    [InlineData("A: b\r\nC", "d")]
    [InlineData("A B", "d")]
    [InlineData("", "d")]
    public void A_header_that_could_begin_another_is_refused(string name, string value) =>
        Assert.Throws<InvalidDataException>(
            () => new HttpRequest("/", [new HttpHeader(name, value)]).Encode(s_server));

    private static string Encode(HttpRequest request, Endpoint server) =>
        Encoding.ASCII.GetString(request.Encode(server));
}
