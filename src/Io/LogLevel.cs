namespace Azprovision.Io;

/// <summary>The levels of syslog(3) that are used here, with its numbers.</summary>
internal enum LogLevel
{
    Error = 3,
    Warning = 4,
    Info = 6,
    Debug = 7,
}
