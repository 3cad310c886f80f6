using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>
/// Does the steps that the sequence names: a plan is made and committed, or only listed in a dry run; what a step throws
/// becomes a failure with its exit code (<see cref="Must(string, Failure, Action)"/>) or a warning (<see cref="Try"/>).
/// </summary>
internal sealed class StepRunner(Host host, bool isDryRun)
{
    private readonly List<Change> _listed = [];

    /// <summary>In a dry run, the changes of all steps so far.</summary>
    internal IReadOnlyList<Change> Listed => _listed;

    internal void Apply(string what, Failure failure, Action<ChangeSet> plan) => Must(what, failure, () =>
    {
        var changes = new ChangeSet(host.Files);
        plan(changes);
        Commit(what, changes.Changes);
    });

    internal void Commit(string what, IReadOnlyList<Change> changes)
    {
        if (isDryRun)
        {
            foreach (Change change in changes)
            {
                // What a dry run does not make, the next step finds missing too.
                if (!_listed.Exists(planned => planned.Path == change.Path && planned.Action == change.Action))
                {
                    _listed.Add(change);
                }
            }

            return;
        }

        host.Files.Commit(changes);
        host.Log.Info(changes.Count == 0 ? $"{what}: nothing to do" : $"{what}: done");
        foreach (Change change in changes)
        {
            host.Log.Debug($"{what}: {change.Action} {change.Path}");
        }
    }

    internal void Must(string what, Failure failure, Action action) => Must(
        what,
        failure,
        () =>
        {
            action();
            return true;
        });

    internal T Must<T>(string what, Failure failure, Func<T> action, Failure? malformed = null)
    {
        host.Log.Debug(what);
        try
        {
            return action();
        }
        catch (ProvisioningException e)
        {
            throw new ProvisioningException(e.Failure, $"{what}: {e.Message}", e);
        }
        catch (InvalidDataException e)
        {
            throw new ProvisioningException(malformed ?? failure, $"{what}: {e.Message}", e);
        }
        catch (SyscallException e) when (e.Errno is Errno.EROFS or Errno.ENOSPC or Errno.EDQUOT or Errno.EIO)
        {
            // A root that takes no writing is no matter of the step that noticed it.
            Failure cause = failure == Failure.NoData ? failure : Failure.SystemFiles;
            throw new ProvisioningException(cause, $"{what}: {e.Message}", e);
        }
        catch (TimeoutException e)
        {
            throw new ProvisioningException(Failure.TimedOut, $"{what}: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProvisioningException(failure, $"{what}: {e.Message}", e);
        }
    }

    internal void Try(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or TimeoutException)
        {
            host.Log.Warning($"{what}: {e.Message}, ignoring");
        }
    }
}
