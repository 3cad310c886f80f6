using System;
using System.Globalization;

namespace Azprovision.Tests.Boot;

/// <summary>What one boot left outside the disk.</summary>
/// <param name="Serial">the serial console</param>
/// <param name="Received">what the platform was sent: request lines, each followed by its body</param>
internal sealed record BootRecord(string Serial, string Received)
{
    /// <summary>How rc.local ended.</summary>
    internal int ExitCode => int.Parse(Said("guest: exit "), CultureInfo.InvariantCulture);

    internal string[] Lines(string start) =>
        Array.FindAll(Serial.Split('\n'), line => line.StartsWith(start, StringComparison.Ordinal));

    /// <summary>The file systems that the kernel knew afterwards.</summary>
    internal string FileSystems => Said("guest: file systems ");

    internal int Count(string request) => Array.FindAll(Received.Split('\n'), line => line == request).Length;

    internal string Said(string start)
    {
        string[] lines = Lines(start);
        return lines.Length == 1
            ? lines[0][start.Length..]
            : throw new InvalidOperationException($"not one line '{start}' in:\n{Serial}");
    }
}
