using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Files;

namespace Azprovision.Tests.Unit.Support;

/// <summary>A plan for a temporary root, to be looked at instead of being carried out.</summary>
internal sealed class Planned(TempRoot root)
{
    private readonly List<string> _warnings = [];
    private PlannedRoot? _planned;

    internal PlannedRoot Root => _planned ??= new PlannedRoot(root.Files) { Warn = _warnings.Add };

    /// <summary>What was said to the log, a line each.</summary>
    internal string Warnings => string.Join('\n', _warnings);

    /// <summary>The content that a file is to get, or null when the plan leaves it alone.</summary>
    internal string? Content(string path)
    {
        foreach (Change change in Root.Changes)
        {
            if (change is WriteFile file && change.Path == path)
            {
                return Encoding.Latin1.GetString(file.Entry.Read(path));
            }
        }

        return null;
    }

    /// <summary>"create /etc/x 0644 0:0" and so on, in the order of the plan.</summary>
    internal string[] Lines()
    {
        string[] lines = new string[Root.Changes.Count];
        for (int i = 0; i < lines.Length; i++)
        {
            Change change = Root.Changes[i];
            Ownership? ownership = change switch
            {
                WriteFile file => file.Ownership,
                MakeDirectory directory => directory.Ownership,
                _ => null,
            };
            string mode = ownership is { } o ? $" {Convert.ToString(o.Mode, 8).PadLeft(4, '0')} {o.Uid}:{o.Gid}" : "";
            lines[i] = $"{change.Action} {change.Path}{mode}";
        }

        return lines;
    }

    /// <summary>
    /// Writes contents and modes as whoever runs the tests (owners need root) and begins a new plan.
    /// </summary>
    internal void Apply()
    {
        foreach (Change change in Root.Changes)
        {
            switch (change)
            {
                case WriteFile file:
                    root.With(file.Path, Encoding.Latin1.GetString(file.Entry.Read(file.Path)), (UnixFileMode)file.Ownership.Mode);
                    break;
                case MakeDirectory directory:
                    root.WithDirectory(directory.Path);
                    break;
                case MakeLink link:
                    root.WithLink(link.Path, link.Target);
                    break;
                case RemoveFile file:
                    File.Delete(root.HostPath(file.Path));
                    break;
            }
        }

        StartOver();
    }

    internal void StartOver() => _planned = null;
}
