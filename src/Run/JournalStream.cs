using System;
using System.Globalization;
using Azprovision.Native;

namespace Azprovision.Run;

/// <summary>How a service knows that what it writes goes to the journal (systemd.exec(5), "$JOURNAL_STREAM").</summary>
internal static class JournalStream
{
    internal static bool IsStandardError()
    {
        if (Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not { } stream)
        {
            return false;
        }

        FileStatus status = Libc.StatusOf(2, "standard error");
        ulong major = status.Device >> 32;
        ulong minor = status.Device & uint.MaxValue;
        // The number that stat(2) gives: makedev(3).
        ulong device = ((major & ~0xFFFUL) << 32) | ((minor & ~0xFFUL) << 12) | ((major & 0xFFF) << 8) | (minor & 0xFF);
        return stream == string.Create(CultureInfo.InvariantCulture, $"{device}:{status.Inode}");
    }
}
