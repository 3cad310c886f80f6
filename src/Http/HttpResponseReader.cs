using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace Azprovision.Http;

/// <summary>
/// Reads one HTTP/1.1 answer (RFC 9112) from a source of bytes and refuses, by InvalidDataException, one that is cut,
/// contradicts itself or is too large. What it keeps is bounded by its limits, whatever the server sends.
/// </summary>
/// <param name="receive">fills a part of the buffer and says how much; 0 at the end</param>
internal sealed class HttpResponseReader(Func<Span<byte>, int> receive)
{
    private const int MaxHead = 16 * 1024;
    private const int MaxBody = 1024 * 1024;

    private readonly byte[] _buffer = new byte[4096];
    private readonly ArrayBufferWriter<byte> _body = new();
    private int _start;
    private int _end;

    internal HttpResponse Read()
    {
        int budget = MaxHead;   // all interim answers together, so that their number has an end
        int status;
        List<HttpHeader> headers;
        do
        {
            status = ReadStatus(ref budget);
            headers = ReadHeaders(ref budget);
        }
        while (status < 200);

        if (status is not (204 or 304))
        {
            ReadBody(headers);
        }

        return new HttpResponse(status, headers, _body.WrittenSpan.ToArray());
    }

    // "HTTP/1.1 200 OK"; some servers leave the space out with the reason.
    private int ReadStatus(ref int budget)
    {
        string line = ReadLine(ref budget);
        if (line.Length < 12
            || !line.StartsWith("HTTP/1.", StringComparison.Ordinal)
            || !char.IsAsciiDigit(line[7])
            || line[8] != ' '
            || !int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status)
            || (line.Length > 12 && line[12] != ' '))
        {
            throw new InvalidDataException("HTTP answer does not begin with a status line");
        }

        // 101 changes the protocol, which nobody has asked for.
        return status is >= 100 and <= 599 and not 101
            ? status
            : throw new InvalidDataException($"HTTP answer has the impossible status {status}");
    }

    private List<HttpHeader> ReadHeaders(ref int budget)
    {
        var headers = new List<HttpHeader>();
        while (ReadLine(ref budget) is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':');
            if (line[0] is ' ' or '\t' && headers.Count > 0)
            {
                // A folded line goes on with the value before it (RFC 9112 5.2).
                headers[^1] = new HttpHeader(headers[^1].Name, $"{headers[^1].Value} {line.Trim(' ', '\t')}".Trim());
            }
            else if (colon > 0 && line.AsSpan(0, colon).IndexOfAny(' ', '\t') < 0)
            {
                headers.Add(new HttpHeader(line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
            }
            else
            {
                throw new InvalidDataException($"HTTP header line {headers.Count + 1} has no name");
            }
        }

        return headers;
    }

    // RFC 9112 6.3. Two framings at once, or two lengths, are what a smuggled answer looks like: refused.
    private void ReadBody(List<HttpHeader> headers)
    {
        int? length = null;
        bool isChunked = false;
        foreach (HttpHeader header in headers)
        {
            if (header.Name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            {
                isChunked = !isChunked && header.Value.Equals("chunked", StringComparison.OrdinalIgnoreCase)
                    ? true
                    : throw new InvalidDataException("HTTP answer has a transfer encoding other than chunked");
            }
            else if (header.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                foreach (string text in header.Value.Split(','))
                {
                    int value = ParseLength(text.Trim(' ', '\t'));
                    length = length is null || length == value
                        ? value
                        : throw new InvalidDataException($"HTTP answer has two lengths, {length} and {value}");
                }
            }
        }

        switch (isChunked, length)
        {
            case (true, null):
                ReadChunks();
                break;
            case (true, _):
                throw new InvalidDataException("HTTP answer is chunked and has a content length");
            case (_, { } count):
                ReadExactly(count);
                break;
            default:
                ReadToEnd();
                break;
        }
    }

    private static int ParseLength(string text)
    {
        if (text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            throw new InvalidDataException("HTTP answer has a content length that is not a number");
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= MaxBody
            ? value
            : throw TooLarge();
    }

    // RFC 9112 7.1: "SIZE[;extension]" and that many bytes, again and again, then 0 and trailers.
    private void ReadChunks()
    {
        int budget = MaxBody;   // for all the lines between the data
        while (true)
        {
            string line = ReadLine(ref budget);
            int end = line.AsSpan().IndexOfAny(';', ' ', '\t');
            ReadOnlySpan<char> digits = end < 0 ? line : line.AsSpan(0, end);
            if (!int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int size)
                || size < 0)
            {
                throw new InvalidDataException("HTTP chunk has no size");
            }

            if (size == 0)
            {
                break;
            }

            ReadExactly(size);
            if (ReadLine(ref budget).Length > 0)
            {
                throw new InvalidDataException("HTTP chunk is longer than its size");
            }
        }

        budget = MaxHead;
        _ = ReadHeaders(ref budget);   // trailers say nothing that matters here
    }

    private void ReadExactly(int count)
    {
        if (count > MaxBody - _body.WrittenCount)
        {
            throw TooLarge();
        }

        while (count > 0)
        {
            if (!Fill())
            {
                throw new InvalidDataException($"HTTP answer ends {count} bytes too early");
            }

            count -= MoveToBody(count);
        }
    }

    private void ReadToEnd()
    {
        while (Fill())
        {
            if (_end - _start > MaxBody - _body.WrittenCount)
            {
                throw TooLarge();
            }

            MoveToBody(_end - _start);
        }
    }

    private int MoveToBody(int most)
    {
        int count = Math.Min(most, _end - _start);
        _body.Write(_buffer.AsSpan(_start, count));
        _start += count;
        return count;
    }

    /// <summary>The next line, bytes as Latin-1, without its end: CR LF, or LF alone (RFC 9112 2.2).</summary>
    private string ReadLine(ref int budget)
    {
        var line = new StringBuilder();
        while (true)
        {
            if (!Fill())
            {
                throw new InvalidDataException("HTTP answer ends in the middle of a line");
            }

            char c = (char)_buffer[_start++];
            if (--budget < 0)
            {
                throw new InvalidDataException("HTTP answer has longer header or chunk lines than are allowed");
            }

            if (c == '\n')
            {
                break;
            }

            line.Append(c);
        }

        if (line.Length > 0 && line[^1] == '\r')
        {
            line.Length--;
        }

        string text = line.ToString();
        foreach (char c in text)
        {
            if (char.IsAscii(c) && char.IsControl(c) && c != '\t')
            {
                throw new InvalidDataException($"HTTP answer has the control character {(int)c} in a line");
            }
        }

        return text;
    }

    private bool Fill()
    {
        if (_start == _end)
        {
            _start = 0;
            _end = receive(_buffer);
        }

        return _end > 0;
    }

    private static InvalidDataException TooLarge() => new($"HTTP answer has a body of more than {MaxBody} bytes");
}
