using System;
using System.IO;
using System.Text;
using Azprovision.Files;

namespace Azprovision.Disks;

/// <summary>The line of /etc/fstab (fstab(5)) that mounts the resource disk at the next boots, if it is still there.</summary>
internal static class Fstab
{
    internal const string Path = "/etc/fstab";
    private const string Source = $"LABEL={FileSystem.Label}";

    /// <summary>The file with our line, which replaces an older one of ours. Two lines for one directory are an error.</summary>
    internal static byte[] With(ReadOnlySpan<byte> fstab, string directory)
    {
        // No fsck: what is only temporary must not hold up a boot, and its file system has a journal.
        string line = $"{Source}\t{Escape(directory)}\tauto\tdefaults,nofail\t0\t0";
        TextLines lines = TextLines.Parse(fstab);
        int ours = -1;
        for (int i = 0; i < lines.Count; i++)
        {
            string[] fields = lines[i].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2 || fields[0].StartsWith('#'))
            {
                continue;
            }

            if (fields[0] == Source)
            {
                ours = i;
            }
            else if (TrimSlash(fields[1]) == Escape(directory))
            {
                throw new InvalidDataException($"'{Path}' has '{fields[0]}' on '{directory}'");
            }
        }

        if (ours >= 0)
        {
            lines[ours] = line;
        }
        else
        {
            lines.Add(line);
        }

        return lines.ToBytes();
    }

    /// <summary>The directory that a line mounts at every boot and that is this path or above it, the root aside; or null.</summary>
    internal static string? FindMountOver(ReadOnlySpan<byte> fstab, string path)
    {
        TextLines lines = TextLines.Parse(fstab);
        for (int i = 0; i < lines.Count; i++)
        {
            string[] fields = lines[i].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2 || fields[0].StartsWith('#'))
            {
                continue;
            }

            // What need not be there may not be, and is no reason to fail.
            string[] options = fields.Length > 3 ? fields[3].Split(',') : [];
            bool isSure = Array.IndexOf(options, "noauto") < 0 && Array.IndexOf(options, "nofail") < 0;
            string directory = TrimSlash(fields[1]);
            if (isSure && directory.Length > 1 && $"{Escape(path)}/".StartsWith($"{directory}/", StringComparison.Ordinal))
            {
                return directory;
            }
        }

        return null;
    }

    private static string TrimSlash(string path) => path.Length > 1 ? path.TrimEnd('/') : path;

    // Read as Latin-1, the file has the bytes of a name in UTF-8.
    private static string Escape(string path) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(path))
        .Replace("\\", "\\134", StringComparison.Ordinal).Replace(" ", "\\040", StringComparison.Ordinal)
        .Replace("\t", "\\011", StringComparison.Ordinal);
}
