using System;
using System.IO;
using System.Text;
using Azprovision.Files;

namespace Azprovision.Tests.Unit.Support;

/// <summary>A plan for a temporary root, to be looked at instead of being carried out.</summary>
internal sealed class Planned(TempRoot root)
{
    internal ChangeSet Changes { get; private set; } = new(root.Files);

    /// <summary>The content that a file is to get, or null when the plan leaves it alone.</summary>
    internal string? Content(string path)
    {
        foreach (Change change in Changes.Changes)
        {
            if (change is WriteFile { Content: { } content } && change.Path == path)
            {
                return Encoding.Latin1.GetString(content);
            }
        }

        return null;
    }

    /// <summary>"create /etc/x 0644 0:0" and so on, in the order of the plan.</summary>
    internal string[] Lines()
    {
        string[] lines = new string[Changes.Changes.Count];
        for (int i = 0; i < lines.Length; i++)
        {
            Change change = Changes.Changes[i];
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
        foreach (Change change in Changes.Changes)
        {
            switch (change)
            {
                case WriteFile file:
                    root.With(file.Path, Encoding.Latin1.GetString(file.Content!), (UnixFileMode)file.Ownership.Mode);
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

    internal void StartOver() => Changes = new ChangeSet(root.Files);
}
