using System;
using System.Collections.Generic;
using System.Text;

namespace Azprovision.Tests.Rehearsal;

/// <summary>The table at the end: what was looked at, whether it was as it should be, and what was seen.</summary>
internal sealed class Findings
{
    private readonly List<(string Name, bool? IsGood, string Seen, string Log)> _rows = [];

    internal bool AreGood => !_rows.Exists(row => row.IsGood == false);

    /// <summary>The lines that follow are of this part of the rehearsal.</summary>
    internal void Begin(string title) => _rows.Add((title, null, "", ""));

    /// <param name="isGood">null: it does not apply</param>
    /// <param name="log">where there is more about it</param>
    internal void Add(string name, bool? isGood, string seen, string log)
    {
        _rows.Add(("  " + name, isGood, seen, log));
        Console.WriteLine($"\n== {name}: {Verdict(isGood).TrimEnd()}: {OneLine(seen)}");
    }

    public override string ToString()
    {
        int width = 0;
        foreach ((string name, _, _, _) in _rows)
        {
            width = Math.Max(width, name.StartsWith(' ') ? name.Length : 0);
        }

        var text = new StringBuilder();
        foreach ((string name, bool? isGood, string seen, string log) in _rows)
        {
            if (!name.StartsWith(' '))
            {
                text.Append(name).Append('\n');
                continue;
            }

            string where = isGood == false ? $" ({log})" : "";
            text.Append($"{name.PadRight(width)}  {Verdict(isGood)}  {OneLine(seen)}{where}\n");
        }

        return text.ToString();
    }

    private static string Verdict(bool? isGood) => isGood switch { true => "ok    ", false => "FAILED", null => "-     " };

    /// <summary>What came of the guest is shown on a terminal here.</summary>
    private static string OneLine(string text)
    {
        var line = new StringBuilder();
        foreach (char character in text.Trim())
        {
            line.Append(character == '\n' ? "; " : char.IsControl(character) ? "?" : character.ToString());
        }

        return line.ToString();
    }
}
