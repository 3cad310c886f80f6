using System;

namespace Azprovision.Azure;

/// <summary>How a try went.</summary>
/// <param name="Problem">null when it was a success</param>
internal sealed record Attempt(string? Problem)
{
    internal TimeSpan? RetryAfter { get; init; }

    internal bool IsRefusal { get; init; }

    internal bool HasNoGoalState { get; init; }
}
