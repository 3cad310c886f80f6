using System;
using Azprovision.Run;
using Xunit;

namespace Azprovision.Tests.Unit.Run;

public class BackoffTests
{
    private const double Plenty = 1000;

    [Theory]
    [InlineData(1, null, Plenty, 0.5, 0.25)]
    [InlineData(2, null, Plenty, 0.5, 0.5)]
    [InlineData(3, null, Plenty, 0.5, 1)]
    [InlineData(6, null, Plenty, 0.5, 8)]
    [InlineData(7, null, Plenty, 0.5, 15)]
    [InlineData(100_000, null, Plenty, 0.5, 15)]
    [InlineData(3, null, Plenty, 0, 0.75)]
    [InlineData(3, null, Plenty, 1, 1.25)]
    [InlineData(3, 7.0, Plenty, 0.5, 7)]
    [InlineData(7, 7.0, Plenty, 0.5, 15)]
    [InlineData(1, 3600.0, 100, 0.5, 100)]
    [InlineData(1, 3600.0, -5, 0.5, 0.25)]
    [InlineData(1, 0.0, Plenty, 0.5, 0.25)]
    public void The_pause_doubles_to_the_longest_and_is_at_least_what_the_server_asked_for(
        int failures, double? retryAfter, double lastTry, double random, double seconds)
    {
        TimeSpan? asked = retryAfter is null ? null : TimeSpan.FromSeconds(retryAfter.Value);
        TimeSpan pause = Backoff.Standard.After(failures, asked, TimeSpan.FromSeconds(lastTry), random);
        Assert.Equal(seconds, pause.TotalSeconds, 6);
    }
}
