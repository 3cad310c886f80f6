using System;
using System.Globalization;
using Azprovision.Files;

namespace Azprovision.Accounts;

/// <summary>/etc/default/useradd (useradd(8)): HOME, SHELL, SKEL, GROUP and INACTIVE, each NAME=value.</summary>
/// <param name="Shell">null: nothing said, or the /bin/sh that Debian has there by default and nobody chose, or none to log in with</param>
/// <param name="Group">name or id of the first group of users who get none of their own</param>
/// <param name="InactiveDays">as in shadow(5)</param>
internal sealed record UserDefaults(string HomeBase, string? Shell, string Skeleton, string? Group, string InactiveDays)
{
    internal static UserDefaults Parse(ReadOnlySpan<byte> content)
    {
        TextLines lines = TextLines.Parse(content);
        string? shell = Path(lines, "SHELL=");
        return new UserDefaults(
            Path(lines, "HOME=") ?? "/home",
            shell == "/bin/sh" || (shell is not null && !PasswdEntry.IsForLogin(shell)) ? null : shell,
            Path(lines, "SKEL=") ?? "/etc/skel",
            Value(lines, "GROUP="),
            uint.TryParse(Value(lines, "INACTIVE="), NumberStyles.None, CultureInfo.InvariantCulture, out uint days)
                ? days.ToString(CultureInfo.InvariantCulture)
                : "");
    }

    // A colon would end the field of passwd(5) that the path goes into.
    private static string? Path(TextLines lines, string name) =>
        Value(lines, name) is { } value && value.StartsWith('/') && !value.Contains(':') ? value : null;

    private static string? Value(TextLines lines, string name)
    {
        string? value = null;
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i].Trim();
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                value = line[name.Length..].Trim('"');
            }
        }

        return value;
    }
}
