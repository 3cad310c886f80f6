using System;
using System.IO;
using Azprovision.Http;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Azure;

/// <summary>
/// Azure's side of a virtual machine: asked once for the goal state, told once how provisioning went. What goes wrong on
/// the way is repeated until the deadline, but for answers that say that repeating is no use.
/// </summary>
internal sealed class WireServer(PlatformConnection connection, Log log)
{
    private static readonly HttpHeader s_xml = new("Content-Type", "text/xml; charset=utf-8");

    private readonly HttpHeader[] _common =
    [
        new("x-ms-version", "2012-11-30"),
        new("x-ms-agent-name", Product.Name),
        new("User-Agent", $"{Product.Name}/{Product.Version}"),
    ];

    private GoalState? _goalState;

    internal WireServer(Host host)
        : this(new PlatformConnection("wire server", new HttpConnection(host.WireServer), Backoff.Standard, host.Time, host.Log), host.Log)
    {
    }

    /// <summary>The role instance that the goal state named, once it is known.</summary>
    internal string? InstanceId => _goalState?.InstanceId;

    /// <summary>The goal state, kept for the report; null when there is none, or none to be had until the deadline.</summary>
    internal GoalState? TryFetchGoalState(Deadline deadline)
    {
        if (_goalState is null && connection.Repeat(TryOnce, deadline) is { } problem)
        {
            log.Info($"{problem}; going on without a goal state");
        }

        return _goalState;

        // A platform that has none (it takes reports as JSON) says so again and again.
        Attempt TryOnce()
        {
            Attempt outcome = FetchGoalState(deadline);
            return outcome with { IsRefusal = outcome.IsRefusal || outcome.HasNoGoalState };
        }
    }

    /// <summary>Returns when the platform has accepted the report.</summary>
    internal void Report(HealthReport report, Deadline deadline)
    {
        if (connection.Repeat(() => ReportOnce(report, deadline), deadline) is { } problem)
        {
            throw new ProvisioningException(Failure.Platform, problem);
        }
    }

    /// <summary>
    /// Tells the platform the fingerprint of the SSH host key, once, after the report. The reason when it did not take it: no
    /// agent of today tells it, so none may depend on it.
    /// </summary>
    internal string? TryReportHostKey(string fingerprint, Deadline deadline)
    {
        if (_goalState is null)
        {
            return "the platform has no goal state";
        }

        var request = new HttpRequest(
            "/machine?comp=roleProperties",
            [.. _common, s_xml],
            RoleProperties.ToXml(_goalState, fingerprint));
        return connection.Ask(request, deadline, out _).Problem;
    }

    private Attempt FetchGoalState(Deadline deadline)
    {
        var request = new HttpRequest("/machine/?comp=goalstate", _common);
        Attempt outcome = connection.Ask(request, deadline, out HttpResponse? answer);
        if (answer is not { IsSuccess: true })
        {
            return outcome with { HasNoGoalState = answer?.Status == 404 };
        }

        try
        {
            _goalState = GoalState.Parse(answer.Body);
            return _goalState is null
                ? new Attempt($"{PlatformConnection.Name(request)} answered no goal state") { HasNoGoalState = true }
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
                Attempt other = connection.Ask(JsonRequest(report), deadline, out _);
                return other.Problem is null ? other : other with { Problem = $"{fetched.Problem}, {other.Problem}" };
            }

            if (_goalState is null)
            {
                return fetched;
            }
        }

        var request = new HttpRequest(
            "/machine?comp=health",
            [.. _common, s_xml],
            report.ToXml(_goalState));
        Attempt outcome = connection.Ask(request, deadline, out HttpResponse? answer);
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
                new HttpHeader("x-ms-guest-agent-name", $"{Product.Name}/{Product.Version}"),
                new HttpHeader("Content-Type", "application/json"),
            ],
            report.ToJson());

    private static bool IsOutdated(GoalState goal, HttpResponse answer) =>
        answer.Status == 410
        || (answer.Status == 400 && answer.Body.AsSpan().IndexOf("InvalidContainerConfiguration"u8) >= 0)
        || (answer.Header("x-ms-latest-goal-state-incarnation-number") is { } latest && latest != goal.Incarnation);
}
