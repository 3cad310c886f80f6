using System;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace Azprovision.Tests.Platform;

/// <summary>What the scripted server does with one request: an answer, or one of the ways to get it wrong.</summary>
/// <param name="Play">is given the connection, and a token that is cancelled when the server ends</param>
/// <param name="IsBeforeRequest">plays as soon as the connection is there, whatever is going to be asked</param>
public sealed record Answer(Action<Socket, CancellationToken> Play, bool IsBeforeRequest = false)
{
    /// <summary>Chooses what to play by what was asked, for what a list of answers cannot say.</summary>
    public Func<ReceivedRequest, Answer>? Choose { get; private init; }

    private const string Status200 = "HTTP/1.1 200 OK\r\n";

    /// <summary>The connection is reset before the request is read.</summary>
    public static Answer ResetAtOnce { get; } = new((socket, _) => Reset(socket), IsBeforeRequest: true);

    /// <summary>The request is read, then the connection is reset.</summary>
    public static Answer ResetAfterRequest { get; } = new((socket, _) => Reset(socket));

    /// <summary>The request is read, then the connection is closed in order.</summary>
    public static Answer CloseAfterRequest { get; } = Raw("");

    /// <summary>The request is read, then nothing is said for as long as the client waits.</summary>
    public static Answer Silence { get; } = new((_, ended) => ended.WaitHandle.WaitOne());

    /// <summary>200, but not before this time has passed.</summary>
    public static Answer Late(TimeSpan delay) => new((socket, ended) =>
    {
        ended.WaitHandle.WaitOne(delay);
        socket.Send(Encoding.UTF8.GetBytes($"{Status200}Content-Length: 0\r\n\r\n"));
    });

    public static Answer Garbage { get; } = Raw("\0\x01\x1b[31m SSH-2.0-what\r\n\r\n\n\n");

    public static Answer HugeHeader { get; } =
        Raw($"{Status200}X-Huge: {new string('x', 100_000)}\r\nContent-Length: 0\r\n\r\n");

    public static Answer HugeBody { get; } = Raw($"{Status200}\r\n{new string('x', 3_000_000)}");

    /// <summary>A status, with an empty body unless one is given; more headers as "Name: value\r\n".</summary>
    public static Answer Status(int status, string body = "", string headers = "") => Raw(
        $"HTTP/1.1 {status} Scripted\r\nContent-Type: text/xml; charset=utf-8\r\n{headers}"
        + $"Content-Length: {Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture)}\r\n\r\n{body}");

    public static Answer To(Func<ReceivedRequest, Answer> choose) => new((_, _) => { }) { Choose = choose };

    public static Answer Raw(string text) => Raw(Encoding.UTF8.GetBytes(text));

    public static Answer Raw(byte[] bytes) => new((socket, _) => socket.Send(bytes));

    /// <summary>Every byte in a segment of its own.</summary>
    public static Answer ByBytes(string text, TimeSpan pause) => new((socket, ended) =>
    {
        socket.NoDelay = true;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            socket.Send([b]);
            if (pause > TimeSpan.Zero && ended.WaitHandle.WaitOne(pause))
            {
                return;
            }
        }
    });

    public static Answer HalfBody(string body) => WrongLength(body[..(body.Length / 2)], body.Length);

    public static Answer WrongLength(string body, int length) =>
        Raw($"{Status200}Content-Length: {length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n{body}");

    /// <summary>Chunks of 7 bytes, with extensions and a trailer.</summary>
    public static Answer Chunked(string body) => Raw(ChunkedText(body));

    public static string ChunkedText(string body)
    {
        var text = new StringBuilder($"{Status200}Transfer-Encoding: chunked\r\n\r\n");
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        for (int at = 0; at < bytes.Length; at += 7)
        {
            int count = Math.Min(7, bytes.Length - at);
            text.Append(CultureInfo.InvariantCulture, $"{count:x};name=\"value\"\r\n");
            text.Append(Encoding.UTF8.GetString(bytes, at, count)).Append("\r\n");
        }

        return text.Append("0\r\nX-Trailer: 1\r\n\r\n").ToString();
    }

    private static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }
}
