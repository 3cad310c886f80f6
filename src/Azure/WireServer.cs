using System;
using System.IO;
using System.Text;
using Azprovision.Io;
using Azprovision.Spec;

namespace Azprovision.Azure;

/// <summary>
/// Azure's side of a virtual machine: asked once for the goal state, told once how provisioning went. What goes wrong on
/// the way is repeated until the deadline, but for answers that say that repeating is no use.
/// </summary>
internal sealed class WireServer(HttpConnection connection, Backoff backoff, string version, TimeProvider time, Log log)
{
    private const string Agent = "azprovision";
    private const int MaxRefusals = 3;

    private readonly Random _random = new((int)time.GetTimestamp());
    private readonly HttpHeader[] _common =
    [
        new("x-ms-version", "2012-11-30"),
        new("x-ms-agent-name", Agent),
        new("User-Agent", $"{Agent}/{version}"),
    ];

    private GoalState? _goalState;

    internal WireServer(Host host, string version)
        : this(new HttpConnection(host.WireServer), Backoff.Standard, version, host.Time, host.Log)
    {
    }

    /// <summary>The role instance that the goal state named, once it is known.</summary>
    internal string? InstanceId => _goalState?.InstanceId;

    /// <summary>The goal state, kept for the report; null when there was none to be had until the deadline.</summary>
    internal GoalState? TryFetchGoalState(Deadline deadline)
    {
        if (_goalState is null && Repeat(() => FetchGoalState(deadline), deadline) is { } problem)
        {
            log.Info($"{problem}; going on without a goal state");
        }

        return _goalState;
    }

    /// <summary>Returns when the platform has accepted the report.</summary>
    internal void Report(HealthReport report, Deadline deadline)
    {
        if (Repeat(() => ReportOnce(report, deadline), deadline) is { } problem)
        {
            throw new ProvisioningException(Failure.Platform, problem);
        }
    }

    private string? Repeat(Func<Attempt> attempt, Deadline deadline)
    {
        long start = time.GetTimestamp();
        int refusals = 0;
        for (int tries = 1; ; tries++)
        {
            Attempt outcome = attempt();
            if (outcome.Problem is null)
            {
                return null;
            }

            refusals += outcome.IsRefusal ? 1 : 0;
            if (refusals < MaxRefusals && !deadline.IsOver)
            {
                TimeSpan pause = backoff.After(
                    tries, outcome.RetryAfter, deadline.Remaining - connection.AnswerWithin, _random.NextDouble());
                log.Info($"wire server {connection.Server}: {outcome.Problem}; again in {pause.TotalSeconds:F2} s");
                Retry.Pause(pause, deadline);
            }

            if (refusals == MaxRefusals || deadline.IsOver)
            {
                return $"wire server {connection.Server}: {outcome.Problem}, "
                    + $"tried {tries} times in {time.GetElapsedTime(start).TotalSeconds:F0} s";
            }
        }
    }

    private Attempt FetchGoalState(Deadline deadline)
    {
        var request = new HttpRequest("/machine/?comp=goalstate", _common);
        Attempt outcome = Ask(request, deadline, out HttpResponse? answer);
        if (answer is not { IsSuccess: true })
        {
            return outcome with { HasNoGoalState = answer?.Status == 404 };
        }

        try
        {
            _goalState = GoalState.Parse(answer.Body);
            return _goalState is null
                ? new Attempt($"{Name(request)} answered no goal state") { HasNoGoalState = true }
                : outcome;
        }
        catch (InvalidDataException e)
        {
            return new Attempt(e.Message);
        }
    }

    private Attempt ReportOnce(HealthReport report, Deadline deadline)
    {
        if (_goalState is null)
        {
            Attempt fetched = FetchGoalState(deadline);
            if (fetched.HasNoGoalState)
            {
                Attempt other = Ask(JsonRequest(report), deadline, out _);
                return other.Problem is null ? other : other with { Problem = $"{fetched.Problem}, {other.Problem}" };
            }

            if (_goalState is null)
            {
                return fetched;
            }
        }

        var request = new HttpRequest(
            "/machine?comp=health",
            [.. _common, new HttpHeader("Content-Type", "text/xml; charset=utf-8")],
            report.ToXml(_goalState));
        Attempt outcome = Ask(request, deadline, out HttpResponse? answer);
        if (answer is { IsSuccess: false } && IsOutdated(_goalState, answer))
        {
            // The container has moved or its state has changed: the next try begins with the goal state.
            _goalState = null;
            return outcome with { IsRefusal = false };
        }

        return outcome;
    }

    private HttpRequest JsonRequest(HealthReport report) =>
        new("/provisioning/health",
            [
                .. _common,
                new HttpHeader("x-ms-guest-agent-name", $"{Agent}/{version}"),
                new HttpHeader("Content-Type", "application/json"),
            ],
            report.ToJson());

    private static bool IsOutdated(GoalState goal, HttpResponse answer) =>
        answer.Status == 410
        || (answer.Status == 400 && answer.Body.AsSpan().IndexOf("InvalidContainerConfiguration"u8) >= 0)
        || (answer.Header("x-ms-latest-goal-state-incarnation-number") is { } latest && latest != goal.Incarnation);

    private Attempt Ask(HttpRequest request, Deadline deadline, out HttpResponse? answer)
    {
        try
        {
            answer = connection.Send(request, deadline);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or TimeoutException)
        {
            answer = null;
            return new Attempt($"{Name(request)}: {e.Message}");
        }

        if (answer.IsSuccess)
        {
            return new Attempt(null);
        }

        string body = Printable.Of(Encoding.UTF8.GetString(answer.Body).Trim());
        return new Attempt($"{Name(request)} answered {answer.Status}{(body.Length == 0 ? "" : $" '{body}'")}")
        {
            RetryAfter = answer.RetryAfter,
            IsRefusal = answer.Status is not (403 or 404 or 408 or 410 or 429 or >= 500),
        };
    }

    private static string Name(HttpRequest request) => $"{request.Method} {request.Target}";

    /// <summary>How a try went.</summary>
    /// <param name="Problem">null when it was a success</param>
    private sealed record Attempt(string? Problem)
    {
        internal TimeSpan? RetryAfter { get; init; }

        internal bool IsRefusal { get; init; }

        internal bool HasNoGoalState { get; init; }
    }
}
