using System;
using System.Collections.Generic;
using System.Text;

namespace Azprovision.Files;

/// <summary>
/// The lines of a system file as Latin-1, so that every byte of a line that is not ours comes back as it was: damaged
/// lines, carriage returns, and a last line without newline too.
/// </summary>
internal sealed class TextLines
{
    // What Split makes of it: the last item is the text after the last newline, "" in a file that ends with one.
    private readonly List<string> _lines;

    private TextLines(List<string> lines) => _lines = lines;

    internal int Count => _lines[^1].Length == 0 ? _lines.Count - 1 : _lines.Count;

    internal string this[int index]
    {
        get => _lines[index];
        set => _lines[index] = value;
    }

    internal static TextLines Parse(ReadOnlySpan<byte> content) => new([.. Encoding.Latin1.GetString(content).Split('\n')]);

    internal void Add(string line) => Insert(Count, line);

    internal void Insert(int index, string line)
    {
        if (index == _lines.Count)
        {
            _lines.Add("");   // the last line had no newline, and now gets one
        }

        _lines.Insert(index, line);
    }

    internal void RemoveAt(int index) => _lines.RemoveAt(index);

    internal byte[] ToBytes() => Encoding.Latin1.GetBytes(string.Join('\n', _lines));
}
