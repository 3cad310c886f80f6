using System;
using System.Collections.Generic;
using System.Text;
using Azprovision.Files;

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
        if (TryRead(root, Own, warnings) is { } own)
        {
            settings.AddRange(SettingSources.FromFile(own, Own));
        }
        else if (TryRead(root, Vendors, warnings) is { } vendors && !IsDanglingLink(root, Own))
        {
            settings.AddRange(SettingSources.FromFile(vendors, Vendors));
        }

        foreach (string path in DropIns(root))
        {
            if (path.EndsWith(".conf", StringComparison.Ordinal) && TryRead(root, path, warnings) is { } text)
            {
                settings.AddRange(SettingSources.FromFile(text, path));
            }
        }

        return settings;
    }

    // Two lists in byte order become one.
    private static List<string> DropIns(SystemRoot root)
    {
        IReadOnlyList<string> own = root.NamesIn($"{Own}.d");
        IReadOnlyList<string> vendors = root.NamesIn($"{Vendors}.d");
        var paths = new List<string>();
        int next = 0;
        foreach (string name in own)
        {
            for (; next < vendors.Count && string.CompareOrdinal(vendors[next], name) < 0; next++)
            {
                paths.Add($"{Vendors}.d/{vendors[next]}");
            }

            next += next < vendors.Count && vendors[next] == name ? 1 : 0;
            paths.Add($"{Own}.d/{name}");
        }

        for (; next < vendors.Count; next++)
        {
            paths.Add($"{Vendors}.d/{vendors[next]}");
        }

        return paths;
    }

    // Null: it is not there, or is a link that leads nowhere.
    private static string? TryRead(SystemRoot root, string path, List<string> warnings)
    {
        if (root.TryStatus(path) is not { } status)
        {
            return null;
        }

        if (status.IsRegular)
        {
            return Encoding.UTF8.GetString(root.TryRead(path, MaxLength) ?? []);
        }

        if (!status.IsCharacterDevice)   // as /dev/null
        {
            warnings.Add($"'{path}' is not a regular file, ignoring");
        }

        return "";
    }

    // One to /dev/null in a root whose /dev is empty yet.
    private static bool IsDanglingLink(SystemRoot root, string path)
    {
        using var view = new PlannedRoot(root);
        return view.TryStatusOfName(path) is not null;
    }
}
