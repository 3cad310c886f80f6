using System;
using System.IO;
using Azprovision.Native;
using Azprovision.Spec;

namespace Azprovision.Files;

/// <summary>Something that has to succeed: its name in the log, and what it means for the run when it fails.</summary>
/// <param name="Malformed">the meaning of an InvalidDataException, where it is another one</param>
internal sealed record Step(string What, Failure Failure, Failure? Malformed = null)
{
    /// <summary>What is done in its name may fail, with a warning.</summary>
    internal bool IsOptional { get; init; }

    internal void Must(Action action) => Must(() =>
    {
        action();
        return true;
    });

    /// <summary>Does it; whatever of the world or of the input stops it becomes a ProvisioningException of this step.</summary>
    internal T Must<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (TryExplain(e) is { } explained)
        {
            throw explained;
        }
    }

    /// <summary>What the exception means as a failure of this step; null: a mistake of this program.</summary>
    internal ProvisioningException? TryExplain(Exception e) =>
        FailureOf(e) is { } failure ? new ProvisioningException(failure, $"{What}: {e.Message}", e) : null;

    private Failure? FailureOf(Exception e) => e switch
    {
        ProvisioningException known => known.Failure,
        InvalidDataException => Malformed ?? Failure,
        // A root that takes no writing is no matter of the step that noticed it.
        SyscallException { Errno: Errno.EROFS or Errno.ENOSPC or Errno.EDQUOT or Errno.EIO } when Failure != Failure.NoData =>
            Failure.SystemFiles,
        TimeoutException => Failure.TimedOut,
        IOException or UnauthorizedAccessException => Failure,
        OutOfMemoryException => Failure.SystemFiles,   // only files of the system are large enough
        _ => null,
    };
}
