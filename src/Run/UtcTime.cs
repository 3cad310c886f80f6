using System;

namespace Azprovision.Run;

internal static class UtcTime
{
    /// <summary>As of RFC 3339, without fraction and zone; by hand, as a format string would link the time zone tables.</summary>
    internal static string Of(DateTimeOffset time)
    {
        DateTime utc = time.UtcDateTime;
        return $"{utc.Year:D4}-{utc.Month:D2}-{utc.Day:D2}T{utc.Hour:D2}:{utc.Minute:D2}:{utc.Second:D2}";
    }
}
