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
        new("User-Agent", Product.NameAndVersion),
    ];

    // So long a server that has just started may not know of the goal state that it will have.
    private static readonly TimeSpan s_startUp = TimeSpan.FromSeconds(5);

    private GoalState? _goalState;

    internal WireServer(Host host, Action<Endpoint, Deadline> tend)
        : this(
            new PlatformConnection(
                "wire server", new HttpConnection(host.WireServer), Backoff.Standard, host.Time, host.Log, tend),
            host.Log)
    {
    }

    /// <summary>The role instance that the goal state named, once it is known.</summary>
    internal string? InstanceId => _goalState?.InstanceId;

    /// <summary>The goal state, kept for the report; null when there is none, or none to be had until the deadline.</summary>
    internal GoalState? TryFetchGoalState(Deadline deadline)
    {
        Deadline startUp = deadline.Within(s_startUp);
        string? problem = _goalState is null ? connection.Repeat(TryOnce, deadline) : null;
        if (_goalState is null)
        {
            log.Info($"{problem ?? "the wire server has none"}; going on without a goal state");
        }

        return _goalState;

        // A platform that has none (it takes reports as JSON) says so again and again, and then that is the answer.
        Attempt TryOnce()
        {
            Attempt outcome = FetchGoalState(deadline);
            return outcome.HasNoGoalState && startUp.IsOver ? new Attempt(null) : outcome;
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

    /// <summary>
    /// What the URL of the goal state answers for a transport certificate: an encrypted bundle, or null when there is none.
    /// Asked a few times; a ProvisioningException tells why it was no use.
    /// </summary>
    /// <param name="cipher">AES128_CBC or DES_EDE3_CBC, by which it is encrypted</param>
    internal byte[]? FetchCertificates(string cipher, ReadOnlySpan<byte> transportCertificate, Deadline deadline)
    {
        const int MostTries = 4;
        if (TryFetchGoalState(deadline)?.CertificatesUrl is not { } url)
        {
            return null;
        }

        var request = new HttpRequest(
            TargetOf(url),
            [
                .. _common,
                new HttpHeader("x-ms-cipher-name", cipher),
                new HttpHeader("x-ms-guest-agent-public-x509-cert", Convert.ToBase64String(transportCertificate)),
            ]);
        HttpResponse? answer = null;
        string? problem = connection.Repeat(() => connection.Ask(request, deadline, out answer), deadline, MostTries);
        return problem is null
            ? CertificateFile.Parse(answer!.Body)
            : throw new ProvisioningException(Failure.Platform, problem);
    }

    // The server is the one that was asked before, whatever name it has in the URL.
    private static string TargetOf(string url)
    {
        const string Scheme = "http://";
        int path = url.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? url.IndexOf('/', Scheme.Length) : -1;
        return path > 0 ? url[path..] : throw new InvalidDataException("goal state: the URL of the certificates is none of HTTP");
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
                // A server that does not know this way may still be starting: a refusal here says nothing about the other one.
                Attempt other = connection.Ask(JsonRequest(report), deadline, out _);
                return other.Problem is null ? other
                    : other with { Problem = $"{fetched.Problem}, {other.Problem}", IsFinal = false };
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
        if (answer is null or { IsSuccess: true })
        {
            return outcome;
        }

        // The next try begins with the goal state when this one is not the platform's any more.
        bool hasMoved = HasMoved(answer);
        _goalState = hasMoved || IsOutdated(_goalState, answer) ? null : _goalState;
        return hasMoved ? outcome with { IsFinal = false } : outcome;
    }

    private HttpRequest JsonRequest(HealthReport report) =>
        new("/provisioning/health",
            [
                .. _common,
                new HttpHeader("x-ms-guest-agent-name", Product.NameAndVersion),
                new HttpHeader("Content-Type", "application/json"),
            ],
            report.ToJson());

    private static bool HasMoved(HttpResponse answer) =>
        answer.Status == 410
        || (answer.Status == 400 && answer.Body.AsSpan().IndexOf("InvalidContainerConfiguration"u8) >= 0);

    private static bool IsOutdated(GoalState goal, HttpResponse answer) =>
        answer.Header("x-ms-latest-goal-state-incarnation-number") is { } latest && latest != goal.Incarnation;
}
