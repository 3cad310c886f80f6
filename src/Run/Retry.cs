using System;
using Azprovision.Native;

namespace Azprovision.Run;

/// <summary>The only place that waits between tries.</summary>
internal static class Retry
{
    private static readonly TimeSpan s_turn = TimeSpan.FromSeconds(1);

    /// <summary>Sleeps for the span, or until the deadline if that is earlier.</summary>
    internal static void Pause(TimeSpan span, Deadline deadline) => Libc.Sleep(deadline.Within(span).Remaining);

    /// <summary>The same, and says every now and then what is waited for.</summary>
    /// <param name="tell">called every second</param>
    internal static void Pause(TimeSpan span, Deadline deadline, Action tell)
    {
        Deadline end = deadline.Within(span);
        while (!end.IsOver)
        {
            tell();
            Pause(s_turn, end);
        }
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
