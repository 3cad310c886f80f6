using System;
using Azprovision.Native;

namespace Azprovision.Files;

/// <summary>Files that a program of the root has made get what a commit gives its own: their label, and onto the disk.</summary>
internal static class MadeFiles
{
    internal static void Adopt(SystemRoot files, string directory, Predicate<string> isMade, Action<string> warn)
    {
        using var root = new PlannedRoot(files) { Warn = warn };
        var labels = new Labels(root);
        using Descriptor place = files.OpenDirectory(directory);
        foreach (string name in Libc.NamesIn(place.Number, directory))
        {
            if (isMade(name))
            {
                string path = $"{directory}/{name}";
                int flags = Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK;
                using Descriptor file = Libc.OpenAt(place.Number, name, flags, 0, path);
                labels.Restore(file.Number, path);
                Libc.Sync(file.Number, path);
            }
        }

        Libc.Sync(place.Number, directory);
    }
}
