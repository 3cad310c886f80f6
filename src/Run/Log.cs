using System;
using System.Collections.Generic;
using System.Text;
using Azprovision.Native;

namespace Azprovision.Run;

/// <summary>One line an event, to each who reads it in the form that suits (<see cref="LogForm"/>).</summary>
internal sealed class Log : IDisposable
{
    internal const string KernelLog = "/dev/kmsg";

    private const int StandardError = 2;

    private static readonly TimeSpan s_waitingInterval = TimeSpan.FromSeconds(15);

    private readonly TimeProvider _time;
    private readonly List<Target> _targets = [];
    private readonly LogForm _standardError;
    private long _toldWaiting;
    private bool _isOnStandardError = true;

    internal Log(TimeProvider time)
    {
        _time = time;
        _toldWaiting = time.GetTimestamp();
        _standardError = JournalStream.IsStandardError() ? LogForm.Journal : LogForm.Text;
    }

    /// <summary>The least important level that is still written.</summary>
    internal LogLevel Threshold { get; set; } = LogLevel.Info;

    /// <summary>Writes to this descriptor from now on, and no longer to standard error unless that is asked for.</summary>
    internal void SendTo(Descriptor target, LogForm form)
    {
        _isOnStandardError &= _targets.Count > 0;
        _targets.Add(new Target { File = target, Form = form });
    }

    internal void SendToStandardError() => _isOnStandardError = true;

    internal void Error(string text) => Write(LogLevel.Error, text);

    internal void Warning(string text) => Write(LogLevel.Warning, text);

    internal void Info(string text) => Write(LogLevel.Info, text);

    internal void Debug(string text) => Write(LogLevel.Debug, text);

    /// <summary>
    /// For every loop that waits, at each turn: says every 15 s what for and how long yet, or somebody before a console that
    /// stands still takes the machine for dead.
    /// </summary>
    internal void StillWaiting(string what, Deadline deadline)
    {
        if (_time.GetElapsedTime(_toldWaiting) >= s_waitingInterval)
        {
            _toldWaiting = _time.GetTimestamp();
            Info($"waiting for {what}, for at most {Math.Ceiling(deadline.Remaining.TotalSeconds)} s more");
        }
    }

    public void Dispose() => _targets.ForEach(target => target.File.Dispose());

    private void Write(LogLevel level, string text)
    {
        if (level > Threshold)
        {
            return;
        }

        text = OneLine(text);
        foreach (Target target in _targets)
        {
            foreach (string piece in target.Form == LogForm.Kernel ? Pieces(text) : [text])
            {
                target.File = target.Form == LogForm.Kernel ? ReopenKernelLog(target.File) : target.File;
                TryWrite(target.File.Number, Line(target.Form, level, piece));
            }
        }

        if (_isOnStandardError)
        {
            TryWrite(StandardError, Line(_standardError, level, text));
        }
    }

    private string Line(LogForm form, LogLevel level, string text)
    {
        string word = level switch
        {
            LogLevel.Error => "error: ",
            LogLevel.Warning => "warning: ",
            LogLevel.Info or LogLevel.Debug => "",
        };
        return form switch
        {
            LogForm.Text => $"azprovision: {word}{text}\n",
            LogForm.File => $"{UtcTime.Of(_time.GetUtcNow())}Z {word}{text}\n",
            LogForm.Journal => $"<{(int)level}>{text}\n",
            LogForm.Kernel => $"<{(int)level}>azprovision: {word}{text}\n",
        };
    }

    // A log that cannot be written must not stop a machine from being provisioned.
    private static void TryWrite(int descriptor, string line)
    {
        try
        {
            Libc.WriteAll(descriptor, Encoding.UTF8.GetBytes(line), "log");
        }
        catch (SyscallException)
        {
        }
    }

    /// <summary>The text in pieces that the kernel takes: it refuses an event of more than 992 bytes, and so all of it.</summary>
    internal static List<string> Pieces(string text)
    {
        const int Most = 900;
        var pieces = new List<string>();
        var piece = new StringBuilder();
        int length = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (length + rune.Utf8SequenceLength > Most)
            {
                pieces.Add(piece.ToString());
                piece.Clear();
                length = 0;
            }

            piece.Append(rune.ToString());
            length += rune.Utf8SequenceLength;
        }

        pieces.Add(piece.ToString());
        return pieces;
    }

    // A path or a link's text may have anything in it, and a console obeys control characters.
    internal static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            _ = char.IsControl(c) ? line.Append($"\\x{(int)c:x2}") : line.Append(c);
        }

        return line.ToString();
    }

    // Of one opening the kernel takes ten lines within 5 s and drops the rest (printk_devkmsg=ratelimit, its default): the
    // last line of a failed run, which has the reason, would be among them.
    private static Descriptor ReopenKernelLog(Descriptor old)
    {
        try
        {
            Descriptor fresh = Libc.OpenAt(Libc.AT_FDCWD, KernelLog, Libc.O_WRONLY | Libc.O_NOCTTY);
            old.Dispose();
            return fresh;
        }
        catch (SyscallException)
        {
            return old;   // it will do
        }
    }

    private sealed class Target
    {
        internal required Descriptor File { get; set; }

        internal required LogForm Form { get; init; }
    }
}

/// <summary>What a line has beside its text.</summary>
internal enum LogForm
{
    /// <summary>For a terminal or a pipe: the program's name.</summary>
    Text,

    /// <summary>The time of day, in UTC (RFC 3339).</summary>
    File,

    /// <summary>The level alone (sd-daemon(3)): the journal has the time and the name.</summary>
    Journal,

    /// <summary>Level and name; the kernel has the time, and a console shows no level.</summary>
    Kernel,
}

/// <summary>The levels of syslog(3) that are used here, with its numbers.</summary>
internal enum LogLevel
{
    Error = 3,
    Warning = 4,
    Info = 6,
    Debug = 7,
}
