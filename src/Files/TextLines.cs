using System;
using System.Collections.Generic;
using System.Text;

namespace Azprovision.Files;

/// <summary>
/// The lines of a system file as Latin-1, so that every byte of a line that is not ours comes back as it was: damaged
/// lines, carriage returns, and a last line without newline too. Only lines that are asked for become strings: the files of
/// accounts may have hundreds of thousands.
/// </summary>
internal sealed class TextLines
{
    private readonly byte[] _content;

    // What Split makes of it: the last item is the text after the last newline, empty in a file that ends with one.
    private readonly List<Line> _lines = [];

    private TextLines(byte[] content)
    {
        _content = content;
        _lines.EnsureCapacity(content.AsSpan().Count((byte)'\n') + 2);   // one more, to grow by a line without a copy
        int start = 0;
        for (int length; (length = content.AsSpan(start).IndexOf((byte)'\n')) >= 0; start += length + 1)
        {
            _lines.Add(new Line(null, start, length));
        }

        _lines.Add(new Line(null, start, content.Length - start));
    }

    internal int Count => _lines[^1].Length == 0 ? _lines.Count - 1 : _lines.Count;

    internal string this[int index]
    {
        get => _lines[index].Text ?? Encoding.Latin1.GetString(Bytes(_lines[index]));
        set => _lines[index] = new Line(value, 0, value.Length);
    }

    internal static TextLines Parse(ReadOnlySpan<byte> content) => new(content.ToArray());

    /// <summary>Whether a line begins with this text, which is Latin-1.</summary>
    internal bool StartsWith(int index, ReadOnlySpan<byte> text) => _lines[index] is var line && line.Text is null
        ? Bytes(line).StartsWith(text)
        : line.Text!.StartsWith(Encoding.Latin1.GetString(text), StringComparison.Ordinal);

    internal void Add(string line) => Insert(Count, line);

    internal void Insert(int index, string line)
    {
        if (index == _lines.Count)
        {
            _lines.Add(default);   // the last line had no newline, and now gets one
        }

        _lines.Insert(index, new Line(line, 0, line.Length));
    }

    internal void RemoveAt(int index)
    {
        _lines.RemoveAt(index);
        if (_lines.Count == 0)
        {
            _lines.Add(default);   // it was all of a file without newline
        }
    }

    internal byte[] ToBytes()
    {
        int length = _lines.Count - 1;
        foreach (Line line in _lines)
        {
            length += line.Length;
        }

        byte[] bytes = new byte[length];
        int at = 0;
        for (int i = 0; i < _lines.Count; i++)
        {
            Line line = _lines[i];
            if (i > 0)
            {
                bytes[at++] = (byte)'\n';
            }

            Span<byte> target = bytes.AsSpan(at, line.Length);
            if (line.Text is { } text)
            {
                Encoding.Latin1.GetBytes(text, target);
            }
            else
            {
                Bytes(line).CopyTo(target);
            }

            at += line.Length;
        }

        return bytes;
    }

    private ReadOnlySpan<byte> Bytes(Line line) => _content.AsSpan(line.Start, line.Length);

    /// <param name="Text">null: it is as in the file, from Start on</param>
    private readonly record struct Line(string? Text, int Start, int Length);
}
