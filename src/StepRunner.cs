using System;
using System.IO;
using Azprovision.Files;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>
/// Does what changes nothing below the root: what it throws becomes a failure with its exit code (<see cref="Must"/>) or a
/// warning (<see cref="Try"/>).
/// </summary>
internal sealed class StepRunner(Log log)
{
    internal void Must(string what, Failure failure, Action action)
    {
        log.Debug(what);
        new Step(what, failure).Must(action);
    }

    internal T Must<T>(string what, Failure failure, Func<T> action, Failure? malformed = null)
    {
        log.Debug(what);
        return new Step(what, failure, malformed).Must(action);
    }

    internal void Try(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or TimeoutException or ProvisioningException)
        {
            log.Warning($"{what}: {e.Message}, ignoring");
        }
    }
}
