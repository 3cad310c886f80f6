using System;

namespace Azprovision.Run;

/// <summary>How long to wait between tries: doubling from first to longest, a quarter of jitter to either side.</summary>
internal sealed record Backoff(TimeSpan First, TimeSpan Longest)
{
    internal static Backoff Standard { get; } = new(TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(15));

    /// <summary>The pause after so many failed tries.</summary>
    /// <param name="retryAfter">
    /// what the server asked for; it is waited for at least, but not so long that no time is left for a last try
    /// </param>
    /// <param name="lastTry">the latest a try makes sense: a span from now</param>
    /// <param name="random">0 to 1</param>
    internal TimeSpan After(int failures, TimeSpan? retryAfter, TimeSpan lastTry, double random)
    {
        double doubled = First.TotalSeconds * Math.Pow(2, failures - 1);
        double pause = Math.Min(doubled, Longest.TotalSeconds) * (0.75 + random / 2);
        double asked = Math.Min(retryAfter?.TotalSeconds ?? 0, lastTry.TotalSeconds);
        return TimeSpan.FromSeconds(Math.Max(pause, asked));
    }
}
