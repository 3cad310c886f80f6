using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using Azprovision.Azure;
using Azprovision.Http;
using Azprovision.Run;
using Azprovision.Spec;
using Azprovision.Tests.Platform;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Azure;

public sealed class WireServerTests : IDisposable
{
    private const string GoalStateRequest = "GET /machine/?comp=goalstate";
    private const string HealthRequest = "POST /machine?comp=health";
    private const string JsonRequest = "POST /provisioning/health";

    private readonly ScriptedServer _server = new();
    private readonly LogFile _log = new();

    public void Dispose()
    {
        _server.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void When_all_is_well_there_is_one_goal_state_request_and_one_report()
    {
        WireServer wireServer = Play("");
        Assert.Equal(AzurePlatform.InstanceId, wireServer.TryFetchGoalState(In(5))?.InstanceId);
        Assert.NotNull(wireServer.TryFetchGoalState(In(5)));
        wireServer.Report(HealthReport.Ready, In(5));

        Assert.Equal([GoalStateRequest, HealthRequest], Asked);
        Assert.Empty(_log.Lines);
        foreach (ReceivedRequest request in _server.Requests)
        {
            Assert.Equal("2012-11-30", request.Headers["x-ms-version"]);
            Assert.Equal("azprovision", request.Headers["x-ms-agent-name"]);
            Assert.Equal($"azprovision/{Product.Version}", request.Headers["User-Agent"]);
        }

        ReceivedRequest report = _server.Requests[1];
        Assert.Equal("text/xml; charset=utf-8", report.Headers["Content-Type"]);
        Assert.Contains("<State>Ready</State>", report.Text);
        Assert.Contains($"<GoalStateIncarnation>{AzurePlatform.Incarnation}<", report.Text);
        Assert.Contains($"<ContainerId>{AzurePlatform.ContainerId}<", report.Text);
        Assert.Contains($"<InstanceId>{AzurePlatform.InstanceId}<", report.Text);
    }

    [Theory]
    [InlineData("health=201")]
    [InlineData("health=202")]
    [InlineData("goalstate=chunked health=chunked")]
    public void Any_success_in_any_framing_is_accepted_the_first_time(string script)
    {
        Play(script).Report(HealthReport.Ready, In(5));
        Assert.Equal([GoalStateRequest, HealthRequest], Asked);
    }

    [Theory]
    [InlineData("close")]
    [InlineData("reset")]
    [InlineData("half")]
    [InlineData("garbage")]
    [InlineData("huge")]
    [InlineData("silence")]
    [InlineData("403")]
    [InlineData("408")]
    [InlineData("421")]
    [InlineData("425")]
    [InlineData("429")]
    [InlineData("500")]
    [InlineData("503")]
    [InlineData("599")]
    public void A_passing_fault_costs_that_request_and_no_other(string fault)
    {
        Play($"goalstate={fault},{fault},200 health={fault},{fault},{fault},{fault},200").Report(HealthReport.Ready, In(20));
        Assert.Equal(
            [.. Enumerable.Repeat(GoalStateRequest, 3), .. Enumerable.Repeat(HealthRequest, 5)],
            Asked);
        Assert.Equal(6, _log.Lines.Length);
        Assert.All(_log.Lines, line => Assert.Contains($"wire server {_server.EndPoint}: ", line));
    }

    [Fact]
    public void A_goal_state_without_its_instance_is_asked_for_again()
    {
        Play("goalstate=stale,200").Report(HealthReport.Ready, In(5));
        Assert.Equal([GoalStateRequest, GoalStateRequest, HealthRequest], Asked);
    }

    [Fact]
    public void Gone_makes_a_report_for_the_goal_state_as_it_is_then()
    {
        string moved = AzurePlatform.GoalState.Replace(AzurePlatform.ContainerId, "moved", StringComparison.Ordinal);
        WireServer wireServer = Play("health=410,200");
        _server.On("/machine/?comp=goalstate", Answer.Status(200, AzurePlatform.GoalState), Answer.Status(200, moved));
        wireServer.Report(HealthReport.Ready, In(5));

        Assert.Equal([GoalStateRequest, HealthRequest, GoalStateRequest, HealthRequest], Asked);
        Assert.Contains("<ContainerId>moved<", _server.Requests[3].Text);
    }

    [Theory]
    [InlineData(400, "<Error><Code>InvalidContainerConfiguration</Code></Error>", "", true)]
    [InlineData(400, "<Error/>", "", false)]
    [InlineData(500, "", "X-MS-Latest-Goal-State-Incarnation-Number: 8\r\n", true)]
    [InlineData(500, "", "x-ms-latest-goal-state-incarnation-number: 7\r\n", false)]
    public void A_refusal_that_tells_of_a_change_makes_it_ask_again(int status, string body, string headers, bool again)
    {
        WireServer wireServer = Play("");
        Answer refusal = Answer.Status(status, body, headers);
        _server.On("/machine?comp=health", refusal, Answer.Status(200));
        wireServer.Report(HealthReport.Ready, In(5));
        Assert.Equal(again ? 2 : 1, Asked.Count(line => line == GoalStateRequest));
        Assert.Equal(2, Asked.Count(line => line == HealthRequest));
    }

    [Theory]
    [InlineData("404")]
    [InlineData("garbage-text")]
    public void Without_a_goal_state_the_report_goes_out_as_JSON_at_once(string kind)
    {
        WireServer wireServer = Play("goalstate=404 json=201");
        if (kind == "garbage-text")
        {
            _server.On("/machine/?comp=goalstate", Answer.Status(200, "<html>It works</html>"));
        }

        wireServer.Report(HealthReport.Failed("result=error"), In(5));
        Assert.Equal([GoalStateRequest, JsonRequest], Asked);
        Assert.Equal("application/json", _server.Requests[1].Headers["Content-Type"]);
        Assert.Equal(
            """{"state":"NotReady","details":{"subStatus":"ProvisioningFailed","description":"result=error"}}""",
            _server.Requests[1].Text);
    }

    [Fact]
    public void When_the_JSON_fails_too_the_goal_state_has_another_chance()
    {
        Play("goalstate=404,404,200 json=503").Report(HealthReport.Ready, In(5));
        Assert.Equal(
            [GoalStateRequest, JsonRequest, GoalStateRequest, JsonRequest, GoalStateRequest, HealthRequest],
            Asked);
    }

    [Theory]
    [InlineData("health=400", HealthRequest, 400)]
    [InlineData("health=302", HealthRequest, 302)]
    [InlineData("goalstate=401", GoalStateRequest, 401)]
    public void A_clear_refusal_is_asked_for_three_times_and_no_more(string script, string request, int status)
    {
        ProvisioningException problem = Assert.Throws<ProvisioningException>(
            () => Play(script).Report(HealthReport.Ready, In(60)));
        Assert.Equal(Failure.Platform, problem.Failure);
        Assert.StartsWith($"wire server {_server.EndPoint}: ", problem.Message);
        Assert.Contains($"{request} answered {status}, tried 3 times in ", problem.Message);
        Assert.Equal(3, Asked.Count(line => line == request));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(405)]
    public void A_server_that_knows_no_JSON_and_has_no_goal_state_yet_is_asked_until_it_has_one(int json)
    {
        string without = string.Concat(Enumerable.Repeat("404,", 12));
        Play($"goalstate={without}200 json={json}").Report(HealthReport.Ready, In(20));
        Assert.Equal(12, Asked.Count(line => line == JsonRequest));
        Assert.Equal(HealthRequest, Asked[^1]);
    }

    [Fact]
    public void Not_even_a_newer_state_makes_a_clear_refusal_worth_more_than_three_tries()
    {
        WireServer wireServer = Play("");
        _server.On("/machine?comp=health", Answer.Status(400, "", "x-ms-latest-goal-state-incarnation-number: 8\r\n"));
        Assert.Contains(
            "answered 400, tried 3 times in ",
            Assert.Throws<ProvisioningException>(() => wireServer.Report(HealthReport.Ready, In(60))).Message);
        Assert.Equal(3, Asked.Count(line => line == GoalStateRequest));
    }

    [Theory]
    [InlineData("goalstate=503", "GET /machine/?comp=goalstate answered 503, tried ")]
    [InlineData("goalstate=silence", "no complete answer in time, tried ")]
    [InlineData("goalstate=reset", ": Connection reset by peer, tried ")]
    public void The_deadline_ends_the_tries_and_the_last_error_is_told(string script, string expected)
    {
        ProvisioningException problem = Assert.Throws<ProvisioningException>(
            () => Play(script).Report(HealthReport.Ready, In(0.2)));
        Assert.Equal(Failure.Platform, problem.Failure);
        Assert.Contains(expected, problem.Message);
    }

    [Fact]
    public void A_server_that_is_not_there_is_told_from_one_that_refuses()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));   // taken, but not listened on
        ProvisioningException problem = Assert.Throws<ProvisioningException>(
            () => At((IPEndPoint)socket.LocalEndPoint!, TimeSpan.FromSeconds(10)).Report(HealthReport.Ready, In(0.1)));
        Assert.Contains(": Connection refused, tried ", problem.Message);
    }

    [Fact]
    public void Retry_After_is_waited_for()
    {
        long start = Stopwatch.GetTimestamp();
        Play("goalstate=503/1,200").Report(HealthReport.Ready, In(20));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 1, 5);
        Assert.Contains("answered 503; again in 1.00 s", Assert.Single(_log.Lines));
    }

    [Fact]
    public void Without_a_goal_state_until_the_deadline_there_is_none()
    {
        Assert.Null(Play("goalstate=404").TryFetchGoalState(In(0.1)));
        Assert.DoesNotContain(JsonRequest, Asked);
        Assert.True(Asked.Length > 3, "a server that has just started says 404 for longer than three tries take");
        Assert.EndsWith("going on without a goal state", _log.Lines[^1]);
    }

    [Fact]
    public void Nothing_the_server_says_can_break_a_line_of_the_log()
    {
        const string Nasty = "a\r\nb\0\x1b[31m\u2028\u0085<3>forged";
        WireServer wireServer = Play("");
        _server.On(
            "/machine/?comp=goalstate",
            Answer.Status(503, Nasty),
            Answer.Status(503, "x", $"Retry-After: \x1b[31m\r\n"),
            Answer.Raw($"HTTP/1.1 200 {Nasty}\r\n\r\n"),
            Answer.Status(200, $"<GoalState><Incarnation>{Nasty}</Incarnation></GoalState>"),
            Answer.Status(400, Nasty));
        ProvisioningException problem = Assert.Throws<ProvisioningException>(
            () => wireServer.Report(HealthReport.Ready, In(20)));

        Assert.Contains("a\\x0d\\x0ab\\x00\\x1b[31m\\u2028\\x85<3>forged", problem.Message);
        Assert.DoesNotContain(problem.Message, char.IsControl);
        Assert.Equal(6, _log.Lines.Length);   // seven tries, the last of which is told by the exception
        Assert.All(_log.Lines, line => Assert.StartsWith("azprovision: ", line));
        Assert.DoesNotContain(_log.Text.Replace("\n", "", StringComparison.Ordinal), char.IsControl);
    }

    private string[] Asked => [.. _server.Requests.Select(request => request.Line)];

    private WireServer Play(string script)
    {
        AzurePlatform.Play(_server, script);
        bool isSilent = script.Contains("silence", StringComparison.Ordinal);
        return At(_server.EndPoint, isSilent ? TimeSpan.FromSeconds(0.15) : TimeSpan.FromSeconds(10));
    }

    // As in the product, but with times that a test can wait for.
    private WireServer At(IPEndPoint address, TimeSpan answerWithin)
    {
        uint host = BinaryPrimitives.ReadUInt32BigEndian(address.Address.GetAddressBytes());
        var connection = new HttpConnection(new Endpoint(host, (ushort)address.Port))
        {
            AnswerWithin = answerWithin,
        };
        var backoff = new Backoff(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10));
        return new WireServer(
            new PlatformConnection("wire server", connection, backoff, TimeProvider.System, _log.Log), _log.Log);
    }

    private static Deadline In(double seconds) => Deadline.After(TimeSpan.FromSeconds(seconds), TimeProvider.System);
}
