using System;
using System.IO;
using System.Text;
using Azprovision.Http;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Azure;

/// <summary>A server of the platform that may be busy, restarting or not there yet: asked again for as long as that may help.</summary>
/// <param name="name">what it is called in a message</param>
/// <param name="tend">sees to the way to the server before it is asked again; what it throws ends the tries</param>
internal sealed class PlatformConnection(
    string name,
    HttpConnection connection,
    Backoff backoff,
    TimeProvider time,
    Log log,
    Action<Endpoint, Deadline>? tend = null)
{
    private const int MostFinal = 3;   // the first may come from something on the way

    private readonly Random _random = new((int)time.GetTimestamp());

    /// <summary>
    /// Tries until it works, the deadline is over, or three answers have said that repeating is no use. Null when it worked,
    /// else what went wrong the last time.
    /// </summary>
    internal string? Repeat(Func<Attempt> attempt, Deadline deadline, int mostTries = int.MaxValue)
    {
        long start = time.GetTimestamp();
        int final = 0;
        string? problem = null;
        for (int tries = 1; ; tries++)
        {
            if (tries > 1)
            {
                tend?.Invoke(connection.Server, deadline);
            }

            Attempt outcome = attempt();
            if (outcome.Problem is null)
            {
                return null;
            }

            // A try that the deadline cut short tells nothing that the one before did not.
            problem = problem is not null && deadline.IsOver ? problem : outcome.Problem;

            final += outcome.IsFinal ? 1 : 0;
            bool isLast = final == MostFinal || tries == mostTries;
            if (!isLast && !deadline.IsOver)
            {
                TimeSpan pause = backoff.After(
                    tries, outcome.RetryAfter, deadline.Remaining - connection.AnswerWithin, _random.NextDouble());
                log.Info($"{name} {connection.Server}: {outcome.Problem}; again in {pause.TotalSeconds:F2} s");
                Retry.Pause(pause, deadline, () => TellOfWaiting(deadline));
            }

            if (isLast || deadline.IsOver)
            {
                return $"{name} {connection.Server}: {problem}, "
                    + $"tried {tries} {(tries == 1 ? "time" : "times")} in {time.GetElapsedTime(start).TotalSeconds:F0} s";
            }
        }
    }

    private void TellOfWaiting(Deadline deadline) => log.StillWaiting($"{name} {connection.Server}", deadline);

    internal Attempt Ask(HttpRequest request, Deadline deadline, out HttpResponse? answer)
    {
        try
        {
            answer = connection.Send(request, deadline, () => TellOfWaiting(deadline));
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
            IsFinal = answer.Status is not (403 or 404 or 408 or 410 or 421 or 425 or 429 or >= 500),
        };
    }

    internal static string Name(HttpRequest request) => $"{request.Method} {request.Target}";
}

/// <summary>How a try went.</summary>
/// <param name="Problem">null when it was a success</param>
internal sealed record Attempt(string? Problem)
{
    internal TimeSpan? RetryAfter { get; init; }

    /// <summary>The answer says that repeating is no use.</summary>
    internal bool IsFinal { get; init; }

    internal bool HasNoGoalState { get; init; }
}
