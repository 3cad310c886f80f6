using System;
using System.Collections.Generic;
using System.Globalization;
using Azprovision.Files;

namespace Azprovision.Accounts;

/// <summary>login.defs(5): name and value separated by blanks, the last one of a name counts, numbers as in C.</summary>
internal sealed class LoginDefs
{
    private const uint ModeMask = 0xFFF;
    private const uint AllPermissions = 0x1FF;   // 0777
    private const uint DefaultHomeMode = 0x1C0;   // 0700
    private const uint WritableByOthers = 0x12;   // 022

    private readonly Dictionary<string, string> _values = [];

    internal static LoginDefs Read(PlannedRoot root) => new(root.TryReadAdviceOrVendors("login.defs"));

    /// <param name="content">empty: there is no such file, and the shadow suite's own defaults count</param>
    internal LoginDefs(ReadOnlySpan<byte> content)
    {
        TextLines lines = TextLines.Parse(content);
        for (int i = 0; i < lines.Count; i++)
        {
            string[] words = lines[i].Split([' ', '\t', '\r', '"'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1 && words[0][0] != '#')
            {
                _values[words[0]] = words[1];
            }
        }
    }

    // 0 is root's, whatever a file says.
    internal uint UidMin => Math.Max(1, Number("UID_MIN", 1000));

    internal uint UidMax => Number("UID_MAX", 60000);

    internal SubordinateRange SubordinateUids =>
        new(Number("SUB_UID_MIN", 100000), Number("SUB_UID_MAX", 600100000), Number("SUB_UID_COUNT", 65536));

    internal SubordinateRange SubordinateGids =>
        new(Number("SUB_GID_MIN", 100000), Number("SUB_GID_MAX", 600100000), Number("SUB_GID_COUNT", 65536));

    internal PasswordAging Aging => new(Days("PASS_MIN_DAYS", "0"), Days("PASS_MAX_DAYS", "99999"), Days("PASS_WARN_AGE", "7"));

    internal bool HasUserGroups => _values.GetValueOrDefault("USERGROUPS_ENAB") != "no";

    /// <summary>Nobody else may write there, whatever the file says: sshd would read no keys in it (StrictModes).</summary>
    internal uint HomeMode =>
        (Mode("HOME_MODE") ?? (AllPermissions & ~Mode("UMASK")) ?? DefaultHomeMode) & ~WritableByOthers;

    // A mode is octal even where the leading zero was forgotten.
    private uint? Mode(string name) =>
        _values.TryGetValue(name, out string? text) && TryParse(text, 8, out uint mode) && mode <= ModeMask ? mode : null;

    private uint Number(string name, uint otherwise) =>
        _values.TryGetValue(name, out string? text) && TryParse(text, 10, out uint number) ? number : otherwise;

    // -1 switches the check off, which shadow(5) writes as an empty field.
    private string Days(string name, string otherwise)
    {
        if (!_values.TryGetValue(name, out string? text))
        {
            return otherwise;
        }

        return text == "-1" ? "" : TryParse(text, 10, out uint days) ? days.ToString(CultureInfo.InvariantCulture) : otherwise;
    }

    // strtoul(3) with base 0, but for the base of a number without prefix.
    private static bool TryParse(string text, int plainBase, out uint number)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
        }

        if (plainBase == 10 && !(text.Length > 1 && text[0] == '0'))
        {
            return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        }

        ulong value = 0;
        number = 0;
        foreach (char c in text)
        {
            value = (value * 8) + (ulong)(c - '0');
            if (c is < '0' or > '7' || value > uint.MaxValue)
            {
                return false;
            }
        }

        number = (uint)value;
        return text.Length > 0;
    }
}
