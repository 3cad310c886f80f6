using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;

namespace Azprovision.Configuration;

/// <summary>
/// The settings of the root's files, the weakest first, as UAPI.6 (Configuration Files Specification 1.0) has it,
/// without /run: the administrator's file or else the vendor's, then the drop-ins of both by name. Of one name the
/// administrator's counts alone, so an empty one, or a link to /dev/null, hides the vendor's.
/// </summary>
internal static class ConfigurationFiles
{
    private const string Own = "/etc/azprovision.conf";
    private const string Vendors = "/usr/lib/azprovision.conf";
    private const int MaxLength = 64 << 10;

    internal static List<Setting> Read(SystemRoot root, List<string> warnings)
    {
        var settings = new List<Setting>();
        Add(root, Own, Vendors, settings, warnings);
        var names = new List<string>();
        AddNames(root, $"{Own}.d", names, settings);
        AddNames(root, $"{Vendors}.d", names, settings);
        names.Sort(string.CompareOrdinal);
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i].EndsWith(".conf", StringComparison.Ordinal) && (i == 0 || names[i] != names[i - 1]))
            {
                Add(root, $"{Own}.d/{names[i]}", $"{Vendors}.d/{names[i]}", settings, warnings);
            }
        }

        return settings;
    }

    // What cannot be read is a mistake like one in a line: the other files count.
    private static void AddNames(SystemRoot root, string directory, List<string> names, List<Setting> settings)
    {
        try
        {
            names.AddRange(root.NamesIn(directory));
        }
        catch (IOException e)
        {
            settings.Add(Setting.Mistake(e.Message));
        }
    }

    private static void Add(SystemRoot root, string own, string vendors, List<Setting> settings, List<string> warnings)
    {
        try
        {
            string path = own;
            string? text = TryRead(root, own, warnings);
            if (text is null)
            {
                path = vendors;
                text = TryRead(root, vendors, warnings);
            }

            settings.AddRange(SettingSources.FromFile(text ?? "", path));
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            settings.Add(Setting.Mistake(e.Message));
        }
    }

    // Null: there is no file, nor anything that hides another.
    private static string? TryRead(SystemRoot root, string path, List<string> warnings)
    {
        FileStatus? status = root.TryStatus(path);
        if (status is { IsRegular: true })
        {
            return Encoding.UTF8.GetString(root.TryRead(path, MaxLength) ?? []);
        }

        using var view = new PlannedRoot(root);
        if (view.IsMasked(path))
        {
            return "";
        }

        if (status is not null)
        {
            warnings.Add($"'{path}' is not a regular file, ignoring");
        }
        else if (view.TryStatusOfName(path) is not null)
        {
            warnings.Add($"'{path}' is a link that leads nowhere, ignoring");
        }

        return null;
    }
}
