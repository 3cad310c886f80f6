using System;
using System.Text;
using Azprovision.Files;

namespace Azprovision.Settings;

/// <summary>Whether somebody can type a password at the serial console, the only one that this platform shows.</summary>
internal static class SerialConsole
{
    private const string Units = "/etc/systemd/system";

    private static readonly string[] s_names = ["ttyS", "ttyAMA", "hvc"];

    // Links or directories that are named for the line: of systemd, OpenRC, and runit.
    private static readonly string[] s_services =
        [Units + "/getty.target.wants", "/etc/runlevels/default", "/etc/runit/runsvdir/default", "/etc/service"];

    /// <param name="files">the image, whose init starts a getty</param>
    /// <param name="kernel">the running kernel, whose serial consoles systemd gives one without being told</param>
    internal static bool TakesLogins(PlannedRoot files, SystemRoot kernel)
    {
        foreach (string directory in s_services)
        {
            foreach (string name in files.NamesIn(directory))
            {
                if (IsGettyOnSerialLine(name))
                {
                    return true;
                }
            }
        }

        return HasLine(files.TryReadAdvice("/etc/inittab"), IsGettyOnSerialLine)
            || (HasSerialGetty(files) && HasLine(kernel.TryRead("/sys/class/tty/console/active"), NamesSerialLine));
    }

    // Systemd-getty-generator(8).
    private static bool HasSerialGetty(PlannedRoot files)
    {
        const string Template = "serial-getty@.service";
        return files.TryStatusOfName($"{Units}/{Template}") is null
            && (files.TryStatus($"/usr/lib/systemd/system/{Template}") ?? files.TryStatus($"/lib/systemd/system/{Template}")) is not null;
    }

    private static bool IsGettyOnSerialLine(string text) =>
        text.Contains("getty", StringComparison.Ordinal) && NamesSerialLine(text);

    private static bool NamesSerialLine(string text) =>
        Array.Exists(s_names, name => text.Contains(name, StringComparison.Ordinal));

    private static bool HasLine(byte[]? content, Predicate<string> isIt)
    {
        string text = Encoding.Latin1.GetString(content ?? []);
        return Array.Exists(text.Split('\n'), line => !line.TrimStart().StartsWith('#') && isIt(line));
    }
}
