using System;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>
/// --run-custom-data: custom data that begin with "#!" are run by the interpreter that they name, in the provisioned root.
/// The interpreter is started with the file as its argument, so neither an x bit nor a mount option decides.
/// </summary>
internal static class CustomDataScript
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    private static readonly string[] s_environment =
        ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"];

    internal static void Plan(PlannedRoot root, Host host, Secret? customData)
    {
        if (customData is not null && ArgumentsFor(customData) is { } arguments)
        {
            root.Call(CustomDataFile.Path, () => Run(host, arguments));
        }
    }

    /// <summary>Interpreter, its one optional argument, the file (execve(2), "Interpreter scripts"); null: no script.</summary>
    internal static string[]? ArgumentsFor(Secret customData)
    {
        ReadOnlySpan<byte> text = customData.Reveal();
        if (!text.StartsWith("#!"u8))
        {
            return null;
        }

        text = text[2..];
        int end = text.IndexOf((byte)'\n');
        string line = Encoding.UTF8.GetString(end < 0 ? text : text[..end]).Trim(' ', '\t', '\r');
        int blank = line.IndexOfAny([' ', '\t']);
        if (line.Length == 0 || line.Contains('\0'))
        {
            return null;
        }

        return blank < 0
            ? [line, CustomDataFile.Path]
            : [line[..blank], line[(blank + 1)..].TrimStart(' ', '\t'), CustomDataFile.Path];
    }

    private static void Run(Host host, string[] arguments)
    {
        using Descriptor nothing = Libc.TryOpenAt(Libc.AT_FDCWD, "/dev/null", Libc.O_RDONLY)
            ?? Libc.OpenAt(Libc.AT_FDCWD, "/", Libc.O_RDONLY);   // a directory cannot be read either
        int pid;
        try
        {
            pid = Libc.Spawn(host.Files.DescriptorNumber, nothing.Number, arguments, s_environment);
        }
        catch (SyscallException e)
        {
            host.Log.Warning($"custom data were not run: {e.Message}, ignoring");
            return;
        }

        int? status = null;
        if (!Retry.Until(() => (status = Libc.TryWait(pid)) is not null, s_look, host.Deadline))
        {
            Libc.KillGroup(pid);
            throw new ProvisioningException(Failure.TimedOut, "custom data were still running when --timeout was over; killed");
        }

        // What the script makes of itself is its author's business: as with the Azure Linux Agent, it is only logged.
        if (status is not 0 and { } ended)
        {
            host.Log.Warning((ended & 0x7F) == 0
                ? $"custom data ended with exit code {ended >> 8}, ignoring"
                : $"custom data were ended by signal {ended & 0x7F}, ignoring");
        }
    }
}
