using System.Globalization;
using System.Text;
using Azprovision.Files;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>
/// Why the last run failed, for "azprovision status": in the state, where it outlives a boot, and in /run, where it can
/// be written on a read-only root and be read by anybody. Two lines each: the exit code and the reason, and the id of the boot.
/// </summary>
/// <param name="IsOfEarlierBoot">as far as that can be told</param>
internal sealed record LastFailure(int Code, string Reason, bool IsOfEarlierBoot)
{
    // Where the failure is kept does not tell: /run of an initramfs may not be the one below the root.
    private const string BootId = "/proc/sys/kernel/random/boot_id";
    private const string Suffix = ".failed";
    internal const string RunDirectory = "/run/azprovision";
    private const string RunPath = RunDirectory + "/failed";
    private const int MaxSize = 16 << 10;

    /// <summary>Each where it can be.</summary>
    internal static void Plan(PlannedRoot root, SystemRoot kernel, State state, string? vmId, ProvisioningException failure)
    {
        string code = ((int)failure.Failure).ToString(CultureInfo.InvariantCulture);
        byte[] line = Encoding.UTF8.GetBytes($"{code} {Log.OneLine(failure.Message)}\n{ThisBoot(kernel)}\n");
        root.Try(() =>
        {
            root.Directory(state.Directory, State.PrivateDirectory);
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
        foreach (string id in State.IdsIn(root.NamesIn(state.Directory), Suffix))
        {
            root.Remove(state.PathOf(id + Suffix));
        }

        root.Remove(RunPath);
    }

    /// <param name="vmId">null: any VM's counts</param>
    internal static LastFailure? TryRead(SystemRoot files, SystemRoot kernel, State state, string? vmId)
    {
        if (TryParse(files, kernel, RunPath) is { } thisBoots)
        {
            return thisBoots;
        }

        foreach (string id in State.IdsIn(files.NamesIn(state.Directory), Suffix))
        {
            if (vmId is null || id == State.UnknownVmId || State.IsSame(id, vmId))
            {
                return TryParse(files, kernel, state.PathOf(id + Suffix));
            }
        }

        return null;
    }

    // Empty: the kernel does not tell.
    private static string ThisBoot(SystemRoot kernel) => Encoding.UTF8.GetString(kernel.TryRead(BootId) ?? []).TrimEnd('\n');

    private static LastFailure? TryParse(SystemRoot files, SystemRoot kernel, string path)
    {
        if (files.TryRead(path, MaxSize) is not { } content)
        {
            return null;
        }

        string[] lines = Encoding.UTF8.GetString(content).Split('\n');
        string[] words = lines[0].Split(' ', 2);
        bool isOfEarlierBoot = lines.Length > 1 && lines[1].Length > 0 && ThisBoot(kernel) is { Length: > 0 } now && now != lines[1];
        return words.Length == 2 && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int code)
            ? new LastFailure(code, Log.OneLine(words[1]), isOfEarlierBoot)
            : null;
    }
}
