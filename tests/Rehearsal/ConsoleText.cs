using System;
using System.IO;

namespace Azprovision.Tests.Rehearsal;

/// <summary>What a guest writes on its console, without what moves cursors, clears screens and sets colours.</summary>
internal sealed class ConsoleText
{
    private const byte Bell = 0x07;
    private const byte Escape = 0x1B;

    // Of ECMA-48 5.4 and 5.6.
    private enum Part
    {
        Text,
        AfterEscape,
        ControlSequence,
        ControlString,
    }

    private Part _part;

    /// <summary>To the terminal and to a file, until the end of the stream.</summary>
    internal static void Show(Stream from, string file)
    {
        using FileStream log = File.Create(file);
        using Stream terminal = Console.OpenStandardOutput();
        var text = new ConsoleText();
        byte[] buffer = new byte[4096];
        while (from.Read(buffer) is > 0 and int count)
        {
            int kept = 0;
            foreach (byte character in buffer.AsSpan(0, count))
            {
                if (text.Keeps(character))
                {
                    buffer[kept++] = character;
                }
            }

            log.Write(buffer.AsSpan(0, kept));
            log.Flush();
            terminal.Write(buffer.AsSpan(0, kept));
            terminal.Flush();
        }
    }

    private bool Keeps(byte character)
    {
        Part part = _part;
        _part = (part, character) switch
        {
            (_, Escape) => Part.AfterEscape,
            (Part.AfterEscape, (byte)'[') => Part.ControlSequence,
            (Part.AfterEscape, (byte)']' or (byte)'P') => Part.ControlString,
            (Part.AfterEscape, >= 0x20 and <= 0x2F) => Part.AfterEscape,
            (Part.ControlSequence, < 0x40) => Part.ControlSequence,
            (Part.ControlString, not Bell) => Part.ControlString,
            _ => Part.Text,
        };
        return part == Part.Text && character is >= 0x20 and not 0x7F or (byte)'\n' or (byte)'\t';
    }
}
