using System;
using Azprovision.Native;

namespace Azprovision.Run;

/// <summary>The only place that waits between tries.</summary>
internal static class Retry
{
    /// <summary>Sleeps for the span, or until the deadline if that is earlier.</summary>
    internal static void Pause(TimeSpan span, Deadline deadline)
    {
        TimeSpan wait = span < deadline.Remaining ? span : deadline.Remaining;
        Libc.Sleep(wait);
    }

    /// <summary>Asks until the answer is yes; false when the deadline passed first. It asks at least once.</summary>
    internal static bool Until(Func<bool> answered, TimeSpan pause, Deadline deadline)
    {
        while (!answered())
        {
            if (deadline.IsOver)
            {
                return false;
            }

            Pause(pause, deadline);
        }

        return true;
    }
}
