using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Run;

namespace Azprovision.Http;

/// <summary>A GET, or a POST when there is a body (RFC 9112 3).</summary>
/// <param name="Target">path and query, as they go into the request line</param>
internal sealed record HttpRequest(string Target, IReadOnlyList<HttpHeader> Headers, byte[]? Body = null)
{
    private const string TokenMarks = "!#$%&'*+-.^_`|~";

    internal string Method => Body is null ? "GET" : "POST";

    /// <summary>
    /// The request as it is sent. A target may come from outside (the goal state has URLs) and a header may hold a name,
    /// so whatever could begin another line or another request is refused.
    /// </summary>
    internal byte[] Encode(Endpoint server)
    {
        if (!Target.StartsWith('/') || Target.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new InvalidDataException("HTTP request target is not a path of visible ASCII characters");
        }

        string host = server.Port == 80 ? server.ToString()[..^":80".Length] : server.ToString();
        var head = new StringBuilder($"{Method} {Target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        foreach (HttpHeader header in Headers)
        {
            if (!IsToken(header.Name) || header.Value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                throw new InvalidDataException("HTTP request header has a character that is not allowed in it");
            }

            head.Append($"{header.Name}: {header.Value}\r\n");
        }

        if (Body is not null)
        {
            head.Append($"Content-Length: {Body.Length}\r\n");
        }

        return [.. Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), .. Body ?? []];
    }

    private static bool IsToken(string name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !TokenMarks.Contains(c))
            {
                return false;
            }
        }

        return name.Length > 0;
    }
}
