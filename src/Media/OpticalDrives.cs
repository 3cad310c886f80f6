using System;
using System.Collections.Generic;
using Azprovision.Native;

namespace Azprovision.Media;

/// <summary>The names that drivers and udev give to CD and DVD drives.</summary>
internal static class OpticalDrives
{
    /// <summary>The drives in a device directory: SCSI, then IDE, then links and other names.</summary>
    internal static List<string> In(string directory)
    {
        var drives = new List<string>();
        using Descriptor? opened = Libc.TryOpenAt(
            Libc.AT_FDCWD, directory, Libc.O_RDONLY | Libc.O_DIRECTORY);
        if (opened is null)
        {
            return drives;
        }

        List<string> names = Libc.NamesIn(opened.Number, directory);
        foreach (Func<string, bool> kind in (Func<string, bool>[])
            [
                name => IsNumbered(name, "sr"),
                name => name is ['h', 'd', >= 'c' and <= 'z'],
                name => name == "cdrom" || IsNumbered(name, "cdrom"),
                name => IsNumbered(name, "cd"),
            ])
        {
            foreach (string name in names)
            {
                if (kind(name))
                {
                    drives.Add($"{directory}/{name}");
                }
            }
        }

        return drives;
    }

    private static bool IsNumbered(string name, string prefix) =>
        name.Length > prefix.Length
        && name.StartsWith(prefix, StringComparison.Ordinal)
        && !name.AsSpan(prefix.Length).ContainsAnyExceptInRange('0', '9');
}
