using System;

namespace Azprovision.Tests.Unit.Support;

/// <summary>A clock on which it is always noon of one day.</summary>
internal sealed class FixedTime(int year, int month, int day) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => new(year, month, day, 12, 0, 0, TimeSpan.Zero);
}
