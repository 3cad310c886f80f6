using System;
using System.IO;
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
    internal const string CleanedName = CustomDataFile.Name + ".script";
    internal const string MarkSuffix = ".script-started";
    private const int MaxSize = 1 << 20;

    /// <param name="again">though it ran for this VM before</param>
    internal static void Plan(PlannedRoot root, Host host, State state, Secret? customData, string? vmId, bool again)
    {
        if (customData is null)
        {
            return;
        }

        ReadOnlySpan<byte> data = customData.Reveal();
        byte[]? script = Clean(data);
        bool isStored = script is not null && data.SequenceEqual(script);
        string path = state.PathOf(isStored ? CustomDataFile.Name : CleanedName);
        if (script is null || ArgumentsFor(script, path) is not { } arguments)
        {
            host.Log.Info($"custom data are not a script: stored in '{state.PathOf(CustomDataFile.Name)}' and not run");
            return;
        }

        string id = vmId ?? State.UnknownVmId;
        if (!again && State.IsMarked(root.NamesIn(state.Directory), id, MarkSuffix))
        {
            host.Log.Info("the custom-data script was started for this VM before and is not run again");
            return;
        }

        if (!isStored)
        {
            root.Write(path, script, State.PrivateFile);
        }

        // Written with all files, so before the call: what a script has done so far is not known when it is cut off.
        root.Write(state.PathOf(id + MarkSuffix), [], State.PrivateFile);
        root.Call(path, () => Run(host, arguments));
    }

    /// <summary>
    /// The script without what editors, heredocs and templates add: packed by gzip, a byte order mark, blanks and empty
    /// lines before the first line, carriage returns. Null: that is no script.
    /// </summary>
    internal static byte[]? Clean(ReadOnlySpan<byte> data)
    {
        if (Gzip.IsGzip(data))
        {
            try
            {
                data = Gzip.Unpack(data, MaxSize);
            }
            catch (InvalidDataException)
            {
                return null;
            }
        }

        data = data.StartsWith(Encoding.UTF8.Preamble) ? data[Encoding.UTF8.Preamble.Length..] : data;
        data = data.TrimStart(" \t\r\n"u8);
        if (!data.StartsWith("#!"u8))
        {
            return null;
        }

        string text = Encoding.Latin1.GetString(data);
        string withoutReturns = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        bool isOfWindows = text.Length - withoutReturns.Length == data.Count((byte)'\n');
        return Encoding.Latin1.GetBytes(isOfWindows ? withoutReturns : text);
    }

    /// <summary>Interpreter, its one optional argument, the file (execve(2), "Interpreter scripts"); null: no script.</summary>
    internal static string[]? ArgumentsFor(ReadOnlySpan<byte> script, string path)
    {
        ReadOnlySpan<byte> text = script[2..];
        int end = text.IndexOf((byte)'\n');
        string line = Encoding.UTF8.GetString(end < 0 ? text : text[..end]).Trim(' ', '\t', '\r');
        int blank = line.IndexOfAny([' ', '\t']);
        if (line.Length == 0 || line.Contains('\0'))
        {
            return null;
        }

        return blank < 0 ? [line, path] : [line[..blank], line[(blank + 1)..].TrimStart(' ', '\t'), path];
    }

    private static void Run(Host host, string[] arguments)
    {
        int? status;
        try
        {
            status = ChildProgram.Run(host.Files, arguments, host.Deadline);
        }
        catch (SyscallException e)
        {
            host.Log.Warning($"custom data were not run: {e.Message}, ignoring");
            return;
        }

        if (status is not { } ended)
        {
            throw new ProvisioningException(Failure.TimedOut, "the custom-data script still ran when --timeout was over; killed");
        }

        // What the script makes of itself is its author's business: as with the Azure Linux Agent, it is only logged.
        if (ended != 0)
        {
            host.Log.Warning($"the custom-data script {ChildProgram.Describe(ended)}, ignoring");
        }
    }
}
