using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Azprovision.Files;

namespace Azprovision.Accounts;

/// <summary>
/// What the account files have in common: a line an entry, its fields separated by colons, its name first, and lines for
/// NIS, which begin with + or -, last (nsswitch.conf(5), "Compatibility mode").
/// </summary>
internal sealed class AccountLines(ReadOnlySpan<byte> content)
{
    private readonly TextLines _lines = TextLines.Parse(content);

    internal int Count => _lines.Count;

    /// <summary>The fields of a line; a carriage return at its end belongs to none of them.</summary>
    internal string[] Fields(int index) => _lines[index].TrimEnd('\r').Split(':');

    /// <summary>The first line of that name whose fields are sound, which is the one libc takes; or -1.</summary>
    internal int Find(string name, Predicate<string[]> areSound)
    {
        byte[] start = Encoding.Latin1.GetBytes($"{name}:");
        for (int i = 0; i < Count; i++)
        {
            if (_lines.StartsWith(i, start) && areSound(Fields(i)))
            {
                return i;
            }
        }

        return -1;
    }

    internal void Replace(int index, IReadOnlyList<string> fields)
    {
        string end = _lines[index].EndsWith('\r') ? "\r" : "";
        _lines[index] = string.Join(':', fields) + end;
    }

    /// <summary>Adds a line at the end, but before the lines for NIS: what stands behind them may never be looked at.</summary>
    internal void Add(string line)
    {
        int index = 0;
        while (index < Count && !(_lines.StartsWith(index, "+"u8) || _lines.StartsWith(index, "-"u8)))
        {
            index++;
        }

        _lines.Insert(index, line);
    }

    /// <summary>Removes every line of that name, sound or not.</summary>
    internal void Remove(string name)
    {
        for (int i = Count - 1; i >= 0; i--)
        {
            if (_lines[i].StartsWith($"{name}:", StringComparison.Ordinal))
            {
                _lines.RemoveAt(i);
            }
        }
    }

    internal byte[] ToBytes() => _lines.ToBytes();

    internal static bool TryParseId(string field, out uint id) =>
        uint.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out id);
}
