using System;
using System.Globalization;

namespace Azprovision.Accounts;

/// <summary>shadow(5): name:password:last change:min:max:warn:inactive:expire:reserved.</summary>
internal sealed class ShadowFile(ReadOnlySpan<byte> content)
{
    private const int FieldCount = 9;
    private const int DayField = 2;
    private const int ExpiryField = 7;

    private readonly AccountLines _lines = new(content);

    internal string? PasswordOf(string name)
    {
        int line = IndexOf(name);
        return line < 0 ? null : _lines.Fields(line)[1];
    }

    /// <summary>The day since 1970 on which the account ends, or null.</summary>
    internal long? ExpiryOf(string name)
    {
        int line = IndexOf(name);
        string[] fields = line < 0 ? [] : _lines.Fields(line);
        return fields.Length > ExpiryField && long.TryParse(fields[ExpiryField], CultureInfo.InvariantCulture, out long day) && day >= 0
            ? day
            : null;
    }

    /// <summary>Sets password and day of change; a line that is there keeps its other fields, a new one has these.</summary>
    /// <param name="day">days since 1970; null: unknown</param>
    /// <param name="aging">null: nothing ages, and fields by which it would are emptied</param>
    internal void SetPassword(string name, string password, long? day, PasswordAging? aging)
    {
        string dayText = day?.ToString(CultureInfo.InvariantCulture) ?? "";
        int line = IndexOf(name);
        if (line < 0)
        {
            _lines.Add(aging is null
                ? $"{name}:{password}:{dayText}::::::"
                : $"{name}:{password}:{dayText}:{aging.MinDays}:{aging.MaxDays}:{aging.WarnDays}:{aging.InactiveDays}::");
            return;
        }

        string[] fields = _lines.Fields(line);
        int had = fields.Length;
        if (had < FieldCount)
        {
            Array.Resize(ref fields, FieldCount);
            Array.Fill(fields, "", had, FieldCount - had);
        }

        Span<string> ages = fields.AsSpan(DayField + 1, ExpiryField - DayField - 1);
        if (aging is null && fields[1] == password && fields[DayField] != "0" && ages.IndexOfAnyExcept("") < 0)
        {
            return;   // a day by which nothing goes
        }

        if (aging is null)
        {
            ages.Fill("");
        }

        fields[1] = password;
        fields[DayField] = dayText;
        _lines.Replace(line, fields);
    }

    internal void Remove(string name) => _lines.Remove(name);

    internal byte[] ToBytes() => _lines.ToBytes();

    private int IndexOf(string name) => _lines.Find(name, static fields => fields.Length >= 2);
}

/// <summary>PASS_MIN_DAYS, PASS_MAX_DAYS and PASS_WARN_AGE of login.defs(5), as shadow(5) has them.</summary>
/// <param name="InactiveDays">INACTIVE of useradd(8)</param>
internal sealed record PasswordAging(string MinDays, string MaxDays, string WarnDays, string InactiveDays = "");
