using System;
using System.Globalization;

namespace Azprovision.Http;

/// <summary>The date form that servers send, "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate, RFC 9110 5.6.7).</summary>
internal static class HttpDate
{
    private const string Months = "JanFebMarAprMayJunJulAugSepOctNovDec";

    /// <summary>The time in UTC, or null for anything else, the two obsolete forms included.</summary>
    internal static DateTime? TryParse(string? text)
    {
        if (text is not { Length: 29 } || !text.EndsWith(" GMT", StringComparison.Ordinal))
        {
            return null;
        }

        int month = Months.IndexOf(text.Substring(8, 3), StringComparison.Ordinal);
        int? day = Number(text, 5, 2);
        int? year = Number(text, 12, 4);
        int? hour = Number(text, 17, 2);
        int? minute = Number(text, 20, 2);
        int? second = Number(text, 23, 2);
        return month >= 0 && month % 3 == 0
            && year is >= 1 && day is >= 1 && day <= DateTime.DaysInMonth(year.Value, month / 3 + 1)
            && hour is <= 23 && minute is <= 59 && second is <= 59
                ? new DateTime(year.Value, month / 3 + 1, day.Value, hour.Value, minute.Value, second.Value,
                    DateTimeKind.Utc)
                : null;
    }

    private static int? Number(string text, int at, int length) =>
        int.TryParse(text.AsSpan(at, length), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : null;
}
