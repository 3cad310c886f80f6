using System;
using System.IO;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Tests.Unit.Support;

/// <summary>A log that writes to a temporary file, so that a test can read what was said.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    internal LogFile(TimeProvider? time = null, LogForm form = LogForm.Text)
    {
        Log = new Log(time ?? TimeProvider.System) { Threshold = LogLevel.Debug };
        Log.SendTo(Libc.OpenAt(Libc.AT_FDCWD, _path, Libc.O_WRONLY), form);
    }

    internal Log Log { get; }

    internal string Text => File.ReadAllText(_path);

    internal string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public void Dispose()
    {
        Log.Dispose();
        File.Delete(_path);
    }
}
