using System;
using System.Collections.Generic;
using System.Globalization;

namespace Azprovision.Accounts;

/// <summary>subuid(5) and subgid(5), name:first:count: the ids that a user may map into a namespace.</summary>
internal sealed class SubordinateIds(ReadOnlySpan<byte> content)
{
    private readonly AccountLines _lines = new(content);

    /// <summary>Gives the user the lowest free range, unless one is there already; false when none is free.</summary>
    internal bool TryAdd(string name, SubordinateRange allowed)
    {
        if (allowed.Count == 0 || _lines.Find(name, static fields => fields.Length >= 3) >= 0)
        {
            return true;
        }

        ulong start = allowed.Min;
        foreach ((ulong first, ulong count) in Taken())
        {
            if (first >= start + allowed.Count)
            {
                break;
            }

            start = Math.Max(start, first + count);
        }

        if (start + allowed.Count - 1 > allowed.Max)
        {
            return false;
        }

        _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{name}:{start}:{allowed.Count}"));
        return true;
    }

    internal void Remove(string name) => _lines.Remove(name);

    internal byte[] ToBytes() => _lines.ToBytes();

    private List<(ulong First, ulong Count)> Taken()
    {
        var taken = new List<(ulong First, ulong Count)>();
        for (int i = 0; i < _lines.Count; i++)
        {
            string[] fields = _lines.Fields(i);
            if (fields.Length >= 3 && AccountLines.TryParseId(fields[1], out uint first)
                && AccountLines.TryParseId(fields[2], out uint count))
            {
                taken.Add((first, count));
            }
        }

        taken.Sort();
        return taken;
    }
}

/// <summary>SUB_UID_MIN, _MAX and _COUNT (or SUB_GID_...) of login.defs(5): where a user's range lies and how long it is.</summary>
internal readonly record struct SubordinateRange(uint Min, uint Max, uint Count);
