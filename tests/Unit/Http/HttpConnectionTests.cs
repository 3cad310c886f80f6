using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Azprovision.Http;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Unit.Http;

public class HttpConnectionTests
{
    private static readonly HttpRequest s_request = new("/path?query", [new HttpHeader("x-name", "value")]);

    public static TheoryData<Answer> GoodAnswers => new()
    {
        Answer.Status(200, "hello"),
        Answer.Chunked("hello"),
        Answer.Raw("HTTP/1.1 200 OK\r\n\r\nhello"),
        Answer.ByBytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", TimeSpan.Zero),
        Answer.ByBytes(Answer.ChunkedText("hello"), TimeSpan.FromMilliseconds(1)),
    };

    [Theory]
    [MemberData(nameof(GoodAnswers))]
    public void An_answer_comes_whole_however_it_is_sent(Answer answer)
    {
        using ScriptedServer server = new ScriptedServer().On("/", answer);
        Assert.Equal("hello", Encoding.UTF8.GetString(Send(server, s_request).Body));
    }

    [Fact]
    public void The_server_gets_the_request_as_it_was_meant()
    {
        using ScriptedServer server = new ScriptedServer().On("/", Answer.Status(201));
        byte[] body = new byte[700_000];   // more than the kernel takes at once
        new Random(1).NextBytes(body);
        Assert.Equal(201, Send(server, s_request with { Body = body }).Status);

        ReceivedRequest request = Assert.Single(server.Requests);
        Assert.Equal("POST /path?query", request.Line);
        Assert.Equal("value", request.Headers["X-Name"]);
        Assert.Equal("close", request.Headers["Connection"]);
        Assert.Equal(server.EndPoint.ToString(), request.Headers["Host"]);
        Assert.Equal(body, request.Body);
    }

    [Fact]
    public void A_redirect_is_an_answer_like_any_other()
    {
        using ScriptedServer server = new ScriptedServer().On("/", Answer.Status(302, "", "Location: /elsewhere\r\n"));
        Assert.Equal(302, Send(server, s_request).Status);
        Assert.Single(server.Requests);
    }

    public static TheoryData<Answer> BadAnswers => new()
    {
        Answer.ResetAtOnce,
        Answer.ResetAfterRequest,
        Answer.CloseAfterRequest,
        Answer.Garbage,
        Answer.HugeHeader,
        Answer.HugeBody,
        Answer.HalfBody("hello"),
        Answer.WrongLength("hello", 6),
    };

    [Theory]
    [MemberData(nameof(BadAnswers))]
    public void A_bad_answer_is_bad_data_or_a_failed_connection(Answer answer)
    {
        using ScriptedServer server = new ScriptedServer().On("/", answer);
        Exception problem = Assert.ThrowsAny<Exception>(() => Send(server, s_request));
        Assert.True(problem is InvalidDataException or IOException, problem.ToString());
    }

    [Fact]
    public void Silence_and_slow_bytes_end_with_the_time_for_an_answer()
    {
        using ScriptedServer server = new ScriptedServer()
            .On("/silent", Answer.Silence)
            .On("/slow", Answer.ByBytes($"HTTP/1.1 200 OK\r\nX: {new string('x', 10_000)}", TimeSpan.FromMilliseconds(5)));
        var connection = new HttpConnection(Of(server.EndPoint)) { AnswerWithin = TimeSpan.FromMilliseconds(150) };
        foreach (string target in (string[])["/silent", "/slow"])
        {
            long start = Stopwatch.GetTimestamp();
            Assert.Throws<TimeoutException>(() => connection.Send(new HttpRequest(target, []), In(60)));
            Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.149, 2);
        }
    }

    [Fact]
    public void A_server_that_is_slow_gets_more_time_until_it_answers()
    {
        using ScriptedServer server = new ScriptedServer().On("/", Answer.Late(TimeSpan.FromSeconds(0.7)));
        var connection = new HttpConnection(Of(server.EndPoint)) { AnswerWithin = TimeSpan.FromSeconds(0.3) };
        Assert.Throws<TimeoutException>(() => connection.Send(s_request, In(60)));
        Assert.Throws<TimeoutException>(() => connection.Send(s_request, In(60)));
        Assert.Equal(200, connection.Send(s_request, In(60)).Status);
    }

    [Fact]
    public void The_time_for_an_answer_grows_to_six_times_and_no_more()
    {
        using ScriptedServer server = new ScriptedServer().On("/", Answer.Silence);
        var connection = new HttpConnection(Of(server.EndPoint)) { AnswerWithin = TimeSpan.FromMilliseconds(10) };
        long start = 0;
        for (int i = 0; i < 10; i++)
        {
            start = Stopwatch.GetTimestamp();
            Assert.Throws<TimeoutException>(() => connection.Send(s_request, In(60)));
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.059, 2);   // doubled each time it would be 5 s
    }

    [Fact]
    public void The_callers_deadline_ends_a_wait_earlier()
    {
        using ScriptedServer server = new ScriptedServer().On("/", Answer.Silence);
        Assert.Throws<TimeoutException>(() => new HttpConnection(Of(server.EndPoint)).Send(s_request, In(0.1)));
    }

    [Fact]
    public void A_port_that_nobody_listens_on_refuses()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));   // taken, but not listened on
        var connection = new HttpConnection(Of((IPEndPoint)socket.LocalEndPoint!));
        SyscallException problem = Assert.Throws<SyscallException>(() => connection.Send(s_request, In(5)));
        Assert.Equal($"connect '{socket.LocalEndPoint}': Connection refused", problem.Message);
    }

    [Fact]
    public void A_connection_that_is_never_accepted_ends_with_the_time_for_one()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(0);
        using var first = new TcpClient();
        first.Connect((IPEndPoint)socket.LocalEndPoint!);   // fills the queue of one: the kernel drops what follows
        var connection = new HttpConnection(Of((IPEndPoint)socket.LocalEndPoint!))
        {
            ConnectWithin = TimeSpan.FromMilliseconds(100),
        };
        TimeoutException problem = Assert.Throws<TimeoutException>(() => connection.Send(s_request, In(5)));
        Assert.Equal($"connect '{socket.LocalEndPoint}': no answer in time", problem.Message);
    }

    private static HttpResponse Send(ScriptedServer server, HttpRequest request) =>
        new HttpConnection(Of(server.EndPoint)).Send(request, In(5));

    private static Deadline In(double seconds) => Deadline.After(TimeSpan.FromSeconds(seconds), TimeProvider.System);

    private static Endpoint Of(IPEndPoint address) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(address.Address.GetAddressBytes()), (ushort)address.Port);
}
