using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Accounts;
using Azprovision.Configuration;
using Azprovision.Files;
using Azprovision.Run;
using Azprovision.Settings;
using Azprovision.Spec;
using Azprovision.Sshd;

namespace Azprovision;

/// <summary>
/// A root that is new at each boot (read-only with a tmpfs over it) beside a state directory that is not (--state): the marker
/// says that this VM is provisioned, and the root holds nothing of it.
/// </summary>
internal static class ForgetfulRoot
{
    private static readonly string[] s_files = [SudoRule.SudoersFile, SudoRule.DoasFile, SshdSettings.DropIn];

    /// <summary>The files by which a root is known again.</summary>
    internal static List<string> MarksIn(PlannedRoot root)
    {
        var marks = new List<string>(s_files);
        marks.RemoveAll(file => root.TryStatus(file) is null);
        return marks;
    }

    /// <summary>False: there is no good record and the root holds nothing, so all is to be done as at the first boot.</summary>
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

            if (record.Spec.VmId is not (State.UnknownVmId or null) && !State.IsSame(record.Spec.VmId, vmId ?? State.UnknownVmId))
            {
                // The disk was another machine's meanwhile, whose record took the place of this one's.
                return HoldsAny(host.Files, s_files);
            }

            spec = Holds(host.Files, record) ? null : record.Spec;
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            host.Log.Warning(e.Message);
            return HoldsAny(host.Files, s_files);
        }
    }

    // Whoever removed a user meant it. A user of the image is there in any case, and says nothing.
    private static bool Holds(SystemRoot files, MachineRecord record) =>
        HoldsAny(files, record.Marks)
        || ((record.MadeUser || record.Marks.Count == 0)
            && new PasswdFile(files.TryRead(AccountFiles.PasswdPath)).Find(record.Spec.User.Name.Text) is not null);

    private static bool HoldsAny(SystemRoot files, IReadOnlyList<string> marks)
    {
        foreach (string mark in marks)
        {
            if (files.TryStatus(mark) is not null)
            {
                return true;
            }
        }

        return false;
    }
}
