using System;
using System.IO;
using Azprovision.Configuration;
using Azprovision.Run;
using Azprovision.Settings;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>
/// A root that is new at each boot (read-only with a tmpfs over it) beside a state directory that is not (--state): the marker
/// says that this VM is provisioned, and the root does not. A file in the root tells, which is the last that a run puts there:
/// what else it wrote may be gone because somebody meant it, or be there from the image.
/// </summary>
internal static class ForgetfulRoot
{
    /// <summary>False: there is no good record and the root is new, so all is to be done as at the first boot.</summary>
    /// <param name="spec">what is to be done again; null: nothing</param>
    internal static bool TryRecall(Host host, Options options, string? vmId, out MachineSpec? spec)
    {
        spec = null;
        try
        {
            if (MachineRecord.TryRead(host.Files, new State(options.State)) is not { } record)
            {
                return true;
            }

            if (record.Spec.VmId is not State.UnknownVmId && !State.IsSame(record.Spec.VmId!, vmId ?? State.UnknownVmId))
            {
                // The disk was another machine's meanwhile, whose record took the place of this one's.
                return RootMark.IsIn(host.Files);
            }

            spec = RootMark.IsIn(host.Files, record.Spec) ? null : record.Spec;
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            host.Log.Warning(e.Message);
            return RootMark.IsIn(host.Files);
        }
    }
}
