using System;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>
/// Keeps a second copy of this program waiting: a flock(2) on the root directory itself, which needs no file and works on
/// a read-only root. It ends with the process.
/// </summary>
internal static class RunLock
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    internal static void Take(Host host)
    {
        if (!TryTake(host))
        {
            host.Log.Info("another azprovision is at work, waiting for it");
            if (!Retry.Until(() => TryTake(host), s_look, host.Deadline))
            {
                throw new ProvisioningException(Failure.TimedOut, "another azprovision was still at work when --timeout was over");
            }
        }
    }

    /// <summary>Whether another copy is at work on this root.</summary>
    internal static bool IsTaken(Host host) => Libc.IsFlocked(host.Files.DescriptorNumber);

    private static bool TryTake(Host host) => Libc.TryFlock(host.Files.DescriptorNumber, host.Files.Path);
}
