using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace Azprovision.Tests.Platform;

/// <summary>
/// A real listener that plays lists of answers, bad ones too, and keeps what it was asked. Each request has a connection
/// of its own; connections are served at the same time.
/// </summary>
public sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener _listener;
    private readonly Action<ReceivedRequest>? _seen;
    private readonly List<(string Prefix, Queue<Answer> Answers)> _script = [];
    private readonly List<ReceivedRequest> _requests = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _lock = new();

    /// <param name="listen">a free port of 127.0.0.1 when null</param>
    /// <param name="seen">is told of each request, before it is answered</param>
    public ScriptedServer(IPEndPoint? listen = null, Action<ReceivedRequest>? seen = null)
    {
        _seen = seen;
        _listener = new TcpListener(listen ?? new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Start();
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>All requests so far, in the order in which they were read.</summary>
    public IReadOnlyList<ReceivedRequest> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>
    /// Requests whose path and query begin so get these answers in turn, the last one again and again. The latest call
    /// for a prefix counts, and the longest prefix that fits; what nothing fits gets 404.
    /// </summary>
    public ScriptedServer On(string prefix, params Answer[] answers)
    {
        lock (_lock)
        {
            _script.RemoveAll(entry => entry.Prefix == prefix);
            _script.Add((prefix, new Queue<Answer>(answers)));
            _script.Sort((a, b) => b.Prefix.Length.CompareTo(a.Prefix.Length));
            return this;
        }
    }

    public void Dispose()
    {
        _ended.Cancel();
        _listener.Dispose();
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket socket = _listener.AcceptSocket();
                new Thread(() => Serve(socket)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // the listener was closed, during the call or before it
        }
    }

    private void Serve(Socket socket)
    {
        using (socket)
        {
            try
            {
                if (TakeEarly() is { } early)
                {
                    early.Play(socket, _ended.Token);
                    return;
                }

                using var stream = new NetworkStream(socket);
                if (Read(stream) is { } request)
                {
                    Answer answer;
                    lock (_lock)
                    {
                        _requests.Add(request);
                        _seen?.Invoke(request);
                        answer = Take(request.Target);
                    }

                    answer = answer.Choose is null ? answer : answer.Choose(request);
                    answer.Play(socket, _ended.Token);
                }
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // the client has gone, which some answers are meant to make it do
            }
        }
    }

    // What is asked is not known yet, so an answer of that kind at the head of any list counts.
    private Answer? TakeEarly()
    {
        lock (_lock)
        {
            foreach ((_, Queue<Answer> answers) in _script)
            {
                if (answers.TryPeek(out Answer? next) && next.IsBeforeRequest)
                {
                    return Next(answers);
                }
            }

            return null;
        }
    }

    private Answer Take(string target)
    {
        foreach ((string prefix, Queue<Answer> answers) in _script)
        {
            if (target.StartsWith(prefix, StringComparison.Ordinal))
            {
                return Next(answers);
            }
        }

        return Answer.Status(404);
    }

    private static Answer Next(Queue<Answer> answers) => answers.Count > 1 ? answers.Dequeue() : answers.Peek();

    private ReceivedRequest? Read(Stream stream)
    {
        string? line = ReadLine(stream);
        if (line?.Split(' ') is not [string method, string target, "HTTP/1.1"])
        {
            return null;
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (ReadLine(stream) is { Length: > 0 } header)
        {
            int colon = header.IndexOf(':', StringComparison.Ordinal);
            headers.Add(header[..colon], header[(colon + 1)..].Trim());
        }

        byte[] body = new byte[
            headers.TryGetValue("Content-Length", out string? length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        stream.ReadExactly(body);
        return new ReceivedRequest(_clock.Elapsed, method, target, headers, body);
    }

    private static string? ReadLine(Stream stream)
    {
        var line = new StringBuilder();
        while (stream.ReadByte() is >= 0 and int b)
        {
            if (b == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)b);
        }

        return null;
    }
}
