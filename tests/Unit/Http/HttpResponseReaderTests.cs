using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Http;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Http;

public class HttpResponseReaderTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\n";

    [Theory]
    [InlineData(Ok + "Content-Length: 5\r\n\r\nhello", "hello")]
    [InlineData(Ok + "Content-Length: 5\r\n\r\nhello and more", "hello")]
    [InlineData(Ok + "content-length:5\r\n\r\nhello", "hello")]
    [InlineData(Ok + "Content-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello", "hello")]
    [InlineData(Ok + "Content-Length: 0\r\n\r\n", "")]
    [InlineData(Ok + "\r\nhello", "hello")]
    [InlineData(Ok + "\r\n", "")]
    [InlineData("HTTP/1.0 200 OK\n\nhello", "hello")]
    [InlineData("HTTP/1.1 200\r\nX-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\nhi", "hi")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello")]
    [InlineData(Ok + "Transfer-Encoding: Chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n00A ; c\r\n, wide sky\r\n0\r\nT: 1\r\n\r\n", "hello, wide sky")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + Ok + "Content-Length: 2\r\n\r\nhi", "hi")]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", "")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "")]
    public void An_answer_has_its_body_in_whatever_pieces_it_comes(string answer, string body)
    {
        Assert.Equal(body, Encoding.Latin1.GetString(Read(answer, 4096).Body));
        Assert.Equal(body, Encoding.Latin1.GetString(Read(answer, 1).Body));
        Assert.Equal(body, Encoding.Latin1.GetString(Read(answer, 3).Body));
    }

    [Theory]
    [InlineData("", "ends in the middle of a line")]
    [InlineData("HTTP/1.1 200 OK", "ends in the middle of a line")]
    [InlineData(Ok + "Content-Le", "ends in the middle of a line")]
    [InlineData("HTTP/2 200 OK\r\n\r\n", "status line")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n", "status line")]
    [InlineData("HTTP/1.1 +20 OK\r\n\r\n", "status line")]
    [InlineData("\r\n" + Ok + "\r\n", "status line")]
    [InlineData("HTTP/1.1 099 No\r\n\r\n", "impossible status 99")]
    [InlineData("HTTP/1.1 600 No\r\n\r\n", "impossible status 600")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\n\r\n", "impossible status 101")]
    [InlineData("HTTP/1.1 200 O\0K\r\n\r\n", "control character 0")]
    [InlineData(Ok + "A: b\rSet: c\r\n\r\n", "control character 13")]
    [InlineData(Ok + "A: \x1b[31m\r\n\r\n", "control character 27")]
    [InlineData(Ok + "no colon\r\n\r\n", "header line 1 has no name")]
    [InlineData(Ok + "A: b\r\nC : d\r\n\r\n", "header line 2 has no name")]
    [InlineData(Ok + ": d\r\n\r\n", "header line 1 has no name")]
    [InlineData(Ok + " folded: first\r\n\r\n", "header line 1 has no name")]
    [InlineData(Ok + "Content-Length: 5\r\n\r\nhell", "1 bytes too early")]
    [InlineData(Ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "two lengths, 5 and 6")]
    [InlineData(Ok + "Content-Length: 5, 6\r\n\r\nhello", "two lengths, 5 and 6")]
    [InlineData(Ok + "Content-Length: -5\r\n\r\nhello", "length that is not a number")]
    [InlineData(Ok + "Content-Length: +5\r\n\r\nhello", "length that is not a number")]
    [InlineData(Ok + "Content-Length: 0x5\r\n\r\nhello", "length that is not a number")]
    [InlineData(Ok + "Content-Length: \r\n\r\nhello", "length that is not a number")]
    [InlineData(Ok + "Content-Length: 1048577\r\n\r\nhello", "body of more than 1048576 bytes")]
    [InlineData(Ok + "Content-Length: 99999999999999999999\r\n\r\nhello", "body of more than 1048576 bytes")]
    [InlineData(Ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "chunked and has a content length")]
    [InlineData(Ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "other than chunked")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "other than chunked")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\nhello", "middle of a line")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "chunk has no size")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", "chunk has no size")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n", "chunk has no size")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n7FFFFFFF\r\n", "body of more than 1048576 bytes")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n", "longer than its size")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", "2 bytes too early")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nT: 1\r\n", "middle of a line")]
    public void A_damaged_answer_is_refused_by_its_fault(string answer, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Read(answer, 4096)).Message);

    [Fact]
    public void Headers_are_found_in_any_case_and_without_the_space_around_them()
    {
        HttpResponse response = Read("HTTP/1.1 503 Busy\r\nRETRY-after:  7 \r\nX: 1\r\nX: 2\r\n\r\n", 4096);
        Assert.Equal(503, response.Status);
        Assert.False(response.IsSuccess);
        Assert.Equal("7", response.Header("Retry-After"));
        Assert.Equal("1", response.Header("x"));
        Assert.Null(response.Header("Y"));
    }

    [Theory]
    [InlineData("Retry-After: 7", 7)]
    [InlineData("Retry-After: 0", 0)]
    [InlineData("Retry-After: -7", null)]
    [InlineData("Retry-After: soon", null)]
    [InlineData("Retry-After: 99999999999", null)]
    [InlineData("X: 7", null)]
    [InlineData("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:50:07 GMT", 30)]
    [InlineData("Date: Thu, 29 Feb 2024 23:59:59 GMT\r\nRetry-After: Fri, 01 Mar 2024 00:00:01 GMT", 2)]
    [InlineData("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:00:00 GMT", 0)]
    [InlineData("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 31 Feb 1994 08:00:00 GMT", null)]
    [InlineData("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 ovD 1994 08:00:00 GMT", null)]
    [InlineData("Retry-After: Sun, 06 Nov 1994 08:49:37 GMT", null)]
    public void Retry_After_is_seconds_or_a_date_against_the_servers_own(string headers, int? seconds) =>
        Assert.Equal(seconds, Read($"{Ok}{headers}\r\n\r\n", 4096).RetryAfter?.TotalSeconds);

    public static TheoryData<string, string> EndlessAnswers => new()
    {
        { Ok + "A: ", "x" },
        { Ok, "A: b\r\n" },
        { "", "HTTP/1.1 100 Continue\r\n\r\n" },
        { Ok + "\r\n", "xxxxxxxxxxxxxxxx" },
        { Ok + "Transfer-Encoding: chunked\r\n\r\n", "10\r\nxxxxxxxxxxxxxxxx\r\n" },
        { Ok + "Transfer-Encoding: chunked\r\n\r\n", "1;" + new string('x', 4000) + "\r\nx\r\n" },
        { Ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n", "T: 1\r\n" },
    };

    [Theory]
    [MemberData(nameof(EndlessAnswers))]
    public void An_answer_without_an_end_is_refused_before_much_of_it_is_read(string start, string again)
    {
        int read = 0;
        IEnumerator<byte> endless = Endless(start, again).GetEnumerator();
        var reader = new HttpResponseReader(buffer =>
        {
            for (int at = 0; at < buffer.Length; at++)
            {
                endless.MoveNext();
                buffer[at] = endless.Current;
            }

            read += buffer.Length;
            return buffer.Length;
        });

        Assert.Throws<InvalidDataException>(() => reader.Read());
        Assert.InRange(read, 1, 3 * 1024 * 1024);
    }

    [Fact]
    public void Broken_answers_are_read_or_refused_never_anything_else()
    {
        byte[][] good =
        [
            Encoding.Latin1.GetBytes(Ok + "Content-Length: 5\r\nRetry-After: 3\r\n\r\nhello"),
            Encoding.Latin1.GetBytes(Ok + "Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n3\r\n!!!\r\n0\r\nT: 1\r\n\r\n"),
            Encoding.Latin1.GetBytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 410 Gone\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                + "Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n\r\ngone"),
        ];
        Fuzz.Run(good, bytes =>
        {
            try
            {
                HttpResponse response = new HttpResponseReader(Source(bytes, 1 + bytes.Length / 3)).Read();
                Assert.True(response.RetryAfter is null || response.RetryAfter >= TimeSpan.Zero);
            }
            catch (InvalidDataException e)
            {
                Assert.DoesNotContain(e.Message, char.IsControl);
            }
        });
    }

    private static HttpResponse Read(string answer, int piece) =>
        new HttpResponseReader(Source(Encoding.Latin1.GetBytes(answer), piece)).Read();

    private static Func<Span<byte>, int> Source(byte[] bytes, int piece)
    {
        int position = 0;
        return buffer =>
        {
            int count = Math.Min(Math.Min(piece, buffer.Length), bytes.Length - position);
            bytes.AsSpan(position, count).CopyTo(buffer);
            position += count;
            return count;
        };
    }

    private static IEnumerable<byte> Endless(string start, string again)
    {
        foreach (char c in start)
        {
            yield return (byte)c;
        }

        while (true)
        {
            foreach (char c in again)
            {
                yield return (byte)c;
            }
        }
    }
}
