using System;
using System.Globalization;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>
/// Why the last run failed, for "azprovision status": in the state, where it outlives a boot, and in /run, where it can
/// be written on a read-only root and be read by anybody. A line each: the exit code and the reason.
/// </summary>
internal sealed record LastFailure(int Code, string Reason)
{
    internal const string Suffix = ".failed";
    internal const string RunDirectory = "/run/azprovision";
    private const string RunPath = RunDirectory + "/failed";
    private const int MaxSize = 16 << 10;

    /// <summary>Each where it can be.</summary>
    internal static void Plan(PlannedRoot root, State state, string? vmId, ProvisioningException failure)
    {
        string code = ((int)failure.Failure).ToString(CultureInfo.InvariantCulture);
        byte[] line = Encoding.UTF8.GetBytes($"{code} {Log.OneLine(failure.Message)}\n");
        root.Try(() =>
        {
            state.PlanDirectory(root);
            root.Write(state.PathOf((vmId ?? State.UnknownVmId) + Suffix), line, State.PrivateFile);
        });
        if (root.IsDirectory("/run"))
        {
            root.Try(() => root.Write(RunPath, line, new Ownership(0x1A4)));   // 0644
        }
    }

    /// <summary>Forgets it, also one from before the VM's id was known, or of the VM that the image was captured from.</summary>
    internal static void PlanRemoval(PlannedRoot root, State state)
    {
        root.Try(() =>
        {
            foreach (string id in State.IdsIn(root.NamesIn(state.Directory), Suffix))
            {
                root.Remove(state.PathOf(id + Suffix));
            }

            root.Remove(RunPath);
        });
    }

    /// <param name="vmId">null: any VM's counts</param>
    internal static LastFailure? TryRead(SystemRoot files, State state, string? vmId)
    {
        if (TryParse(files, RunPath) is { } thisBoots)
        {
            return thisBoots;
        }

        foreach (string id in State.IdsIn(files.NamesIn(state.Directory), Suffix))
        {
            bool isThisVms = vmId is null || id == State.UnknownVmId || State.IsSame(id, vmId);
            if (isThisVms && TryParse(files, state.PathOf(id + Suffix)) is { } kept)
            {
                return kept;
            }
        }

        return null;
    }

    private static LastFailure? TryParse(SystemRoot files, string path)
    {
        byte[] content;
        try
        {
            content = files.TryRead(path, MaxSize) ?? [];
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not SyscallException { Errno: Errno.EACCES })
        {
            return null;   // whatever it is, this program did not write it
        }

        string[] words = Encoding.UTF8.GetString(content).TrimEnd('\n').Split(' ', 2);
        return words.Length == 2 && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int code)
            ? new LastFailure(code, Log.OneLine(words[1]))
            : null;
    }
}
