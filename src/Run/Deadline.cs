using System;

namespace Azprovision.Run;

/// <summary>A point of monotonic time up to which something may wait.</summary>
internal readonly struct Deadline
{
    private readonly TimeProvider _time;
    private readonly long _end;

    private Deadline(TimeProvider time, long end)
    {
        _time = time;
        _end = end;
    }

    internal TimeSpan Remaining
    {
        get
        {
            long left = _end - _time.GetTimestamp();
            return left <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)left / _time.TimestampFrequency);
        }
    }

    internal bool IsOver => Remaining == TimeSpan.Zero;

    /// <summary>What is left, for poll(2): rounded up, so that a wait never ends too early and spins.</summary>
    internal int RemainingMilliseconds => (int)Math.Min(int.MaxValue, Math.Ceiling(Remaining.TotalMilliseconds));

    internal static Deadline After(TimeSpan span, TimeProvider time) =>
        new(time, time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency));

    /// <summary>The earlier of this deadline and one a span from now.</summary>
    internal Deadline Within(TimeSpan span)
    {
        Deadline other = After(span, _time);
        return other._end < _end ? other : this;
    }
}
