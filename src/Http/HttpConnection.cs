using System;
using Azprovision.Run;

namespace Azprovision.Http;

/// <summary>
/// An HTTP/1.1 server, asked over a new connection each time: no proxy, no redirect, no connection kept. A bad answer is an
/// InvalidDataException, a bad connection an IOException, a silent one a TimeoutException.
/// </summary>
internal sealed class HttpConnection(Endpoint server)
{
    internal Endpoint Server => server;

    internal TimeSpan ConnectWithin { get; init; } = TimeSpan.FromSeconds(2);

    internal TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(10);

    internal HttpResponse Send(HttpRequest request, Deadline deadline)
    {
        byte[] bytes = request.Encode(server);
        Deadline end = deadline.Within(AnswerWithin);
        using var socket = new TcpSocket(server);
        socket.Connect(end.Within(ConnectWithin));
        socket.Send(bytes, end);
        return new HttpResponseReader(buffer => socket.Receive(buffer, end)).Read();
    }
}
