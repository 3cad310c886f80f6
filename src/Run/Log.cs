using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Azprovision.Native;

namespace Azprovision.Run;

/// <summary>
/// One line an event: a level as the journal and the kernel write it ("&lt;6&gt;"), the seconds since start, the text.
/// </summary>
internal sealed class Log : IDisposable
{
    internal const string KernelLog = "/dev/kmsg";

    private static readonly TimeSpan s_waitingInterval = TimeSpan.FromSeconds(15);

    private readonly TimeProvider _time;
    private readonly long _start;
    private long _toldWaiting;
    private Descriptor? _target;
    private bool _isKernelLog;
    private bool _isAlsoOnStandardError;

    internal Log(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        _toldWaiting = _start;
    }

    /// <summary>The least important level that is still written.</summary>
    internal LogLevel Threshold { get; set; } = LogLevel.Info;

    /// <summary>Writes to this descriptor from now on instead of standard error, or to both.</summary>
    internal void SendTo(Descriptor target, bool isKernelLog, bool isAlsoOnStandardError = false)
    {
        _target?.Dispose();
        _target = target;
        _isKernelLog = isKernelLog;
        _isAlsoOnStandardError = isAlsoOnStandardError;
    }

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
            Info($"waiting for {what}, {Math.Ceiling(deadline.Remaining.TotalSeconds)} s yet at most");
        }
    }

    public void Dispose() => _target?.Dispose();

    private void Write(LogLevel level, string text)
    {
        if (level > Threshold)
        {
            return;
        }

        string seconds = _time.GetElapsedTime(_start).TotalSeconds.ToString("F3", CultureInfo.InvariantCulture);
        if (!_isKernelLog)
        {
            Write($"<{(int)level}>azprovision[{seconds}]: {OneLine(text)}\n");
            return;
        }

        foreach (string piece in Pieces(OneLine(text)))
        {
            ReopenKernelLog();
            Write($"<{(int)level}>azprovision: {piece}\n");
        }
    }

    private void Write(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        if (_target is not null)
        {
            TryWrite(_target.Number, bytes);
        }

        if (_target is null || _isAlsoOnStandardError)
        {
            TryWrite(2, bytes);
        }
    }

    // A log that cannot be written must not stop a machine from being provisioned.
    private static void TryWrite(int descriptor, byte[] line)
    {
        try
        {
            Libc.WriteAll(descriptor, line, "log");
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
    private void ReopenKernelLog()
    {
        try
        {
            Descriptor fresh = Libc.OpenAt(Libc.AT_FDCWD, KernelLog, Libc.O_WRONLY | Libc.O_NOCTTY);
            _target?.Dispose();
            _target = fresh;
        }
        catch (SyscallException)
        {
            // The one that is open will do.
        }
    }
}

/// <summary>The levels of syslog(3) that are used here, with its numbers.</summary>
internal enum LogLevel
{
    Error = 3,
    Warning = 4,
    Info = 6,
    Debug = 7,
}
