using System;
using Azprovision.Files;

namespace Azprovision.Accounts;

/// <summary>/etc/default/useradd (useradd(8)): HOME, SHELL and SKEL, each NAME=value.</summary>
/// <param name="Shell">null: nothing said</param>
internal sealed record UserDefaults(string HomeBase, string? Shell, string Skeleton)
{
    internal static UserDefaults Parse(ReadOnlySpan<byte> content)
    {
        TextLines lines = TextLines.Parse(content);
        return new UserDefaults(
            Path(lines, "HOME=") ?? "/home",
            Path(lines, "SHELL="),
            Path(lines, "SKEL=") ?? "/etc/skel");
    }

    // A colon would end the field of passwd(5) that the path goes into.
    private static string? Path(TextLines lines, string prefix)
    {
        string? path = null;
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i].Trim();
            if (line.StartsWith(prefix, StringComparison.Ordinal))
            {
                string value = line[prefix.Length..].Trim('"');
                path = value.StartsWith('/') && !value.Contains(':') ? value : null;
            }
        }

        return path;
    }
}
