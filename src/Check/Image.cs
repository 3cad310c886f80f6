using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Run;

namespace Azprovision.Check;

/// <summary>The root that is looked at: the running system's, or an image's.</summary>
/// <param name="IsRunning">what the kernel and the network say is about this root</param>
internal sealed record Image(PlannedRoot Root, bool IsRunning)
{
    private const int MaxUnpacked = 4 << 20;

    internal bool Has(string path) => Root.TryStatus(path) is not null;

    internal bool HasProgram(string name) => ChildProgram.TryFind(Root.Disk, name) is not null;

    /// <summary>Null: there is no such file, or none that could be read.</summary>
    internal string? TryReadText(string path)
    {
        try
        {
            return Root.TryReadAdvice(path) is { } content ? Encoding.Latin1.GetString(content) : null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>The text of a gzip file, or null as above.</summary>
    internal string? TryUnpackText(string path)
    {
        try
        {
            return Root.TryReadAdvice(path) is { } file ? Encoding.Latin1.GetString(Gzip.Unpack(file, MaxUnpacked)) : null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>The lines that are no comment, without the blanks around them.</summary>
    internal List<string> Lines(string path)
    {
        var lines = new List<string>();
        foreach (string line in TryReadText(path)?.Split('\n', StringSplitOptions.TrimEntries) ?? [])
        {
            if (line.Length > 0 && line[0] != '#')
            {
                lines.Add(line);
            }
        }

        return lines;
    }
}
