using System;
using System.Collections.Generic;
using System.Globalization;

namespace Azprovision.Http;

/// <summary>A complete final answer. Header values and body are as the server sent them, so not fit for a log.</summary>
internal sealed record HttpResponse(int Status, IReadOnlyList<HttpHeader> Headers, byte[] Body)
{
    internal bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>
    /// How long the server asks to be left alone (RFC 9110 10.2.3), or null. A date is taken relative to the answer's own
    /// Date: the clock of a machine in its first boot may be anywhere.
    /// </summary>
    internal TimeSpan? RetryAfter
    {
        get
        {
            string? text = Header("Retry-After");
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
            {
                return TimeSpan.FromSeconds(seconds);
            }

            TimeSpan? wait = HttpDate.TryParse(text) - HttpDate.TryParse(Header("Date"));
            return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
        }
    }

    /// <summary>The value of the first header of that name, in whatever case, or null.</summary>
    internal string? Header(string name)
    {
        foreach (HttpHeader header in Headers)
        {
            if (header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return header.Value;
            }
        }

        return null;
    }
}

/// <summary>A header field of a request or an answer (RFC 9110 5).</summary>
internal sealed record HttpHeader(string Name, string Value);
