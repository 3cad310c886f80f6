using System;
using Azprovision.Run;

namespace Azprovision.Http;

/// <summary>
/// An HTTP/1.1 server, asked over a new connection each time: no proxy, no redirect, no connection kept. A bad answer is an
/// InvalidDataException, a bad connection an IOException, a silent one a TimeoutException. A server that was silent gets
/// longer the next time, since it may only be slow: 10, 20, 40, then 60 s.
/// </summary>
internal sealed class HttpConnection(Endpoint server)
{
    private const int MostPatience = 6;   // times AnswerWithin

    private int _patience = 1;

    internal Endpoint Server => server;

    internal TimeSpan ConnectWithin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>For a whole answer, the first time.</summary>
    internal TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <param name="waiting">told at each turn of a wait that lasts</param>
    internal HttpResponse Send(HttpRequest request, Deadline deadline, Action? waiting = null)
    {
        byte[] bytes = request.Encode(server);
        Deadline end = deadline.Within(AnswerWithin * _patience);
        using var socket = new TcpSocket(server, waiting);
        socket.Connect(end.Within(ConnectWithin));
        try
        {
            socket.Send(bytes, end);
            return new HttpResponseReader(buffer => socket.Receive(buffer, end)).Read();
        }
        catch (TimeoutException)
        {
            _patience = Math.Min(2 * _patience, MostPatience);
            throw;
        }
    }
}
