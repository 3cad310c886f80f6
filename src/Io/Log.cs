using System;
using System.Globalization;
using System.Text;
using Azprovision.Native;

namespace Azprovision.Io;

/// <summary>
/// One line an event: a level as the journal and the kernel write it ("&lt;6&gt;"), the seconds since start, the text.
/// </summary>
internal sealed class Log : IDisposable
{
    internal const string KernelLog = "/dev/kmsg";

    private readonly TimeProvider _time;
    private readonly long _start;
    private Descriptor? _target;
    private bool _isKernelLog;
    private bool _isAlsoOnStandardError;

    internal Log(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>The least important level that is still written.</summary>
    internal LogLevel Most { get; set; } = LogLevel.Info;

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

    public void Dispose() => _target?.Dispose();

    private void Write(LogLevel level, string text)
    {
        if (level > Most)
        {
            return;
        }

        string seconds = _time.GetElapsedTime(_start).TotalSeconds.ToString("F3", CultureInfo.InvariantCulture);
        string line = _isKernelLog
            ? $"<{(int)level}>azprovision: {OneLine(text)}\n"
            : $"<{(int)level}>azprovision[{seconds}]: {OneLine(text)}\n";
        if (_isKernelLog)
        {
            ReopenKernelLog();
        }

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

    // A path or a link's text may have anything in it, and a console obeys control characters.
    private static string OneLine(string text)
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
