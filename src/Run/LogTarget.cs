using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Files;
using Azprovision.Native;

namespace Azprovision.Run;

/// <summary>Where the log goes (--log).</summary>
internal static class LogTarget
{
    // Neither a pipe without a reader, nor a serial line without a carrier, nor what is full may hold up a run: the line is lost.
    private const int Flags = Libc.O_WRONLY | Libc.O_NOCTTY | Libc.O_NONBLOCK;

    /// <param name="targets">"stderr", "kmsg" and files, separated by commas</param>
    internal static void Open(string targets, SystemRoot root, Log log)
    {
        string[] names = targets.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var problems = new List<string>();
        bool isOnStandardError = false;
        foreach (string name in names)
        {
            try
            {
                switch (name)
                {
                    case "stderr":
                        isOnStandardError = true;
                        break;
                    case "kmsg":
                        OpenKernelLog(log);
                        break;
                    default:
                        log.SendTo(OpenFile(name, root), LogForm.File);
                        break;
                }
            }
            catch (IOException e)
            {
                problems.Add($"--log: {e.Message}, ignoring");
            }
        }

        if (isOnStandardError)
        {
            log.SendToStandardError();
        }

        problems.ForEach(log.Warning);
    }

    private static void OpenKernelLog(Log log)
    {
        if (Libc.TryOpenAt(Libc.AT_FDCWD, Log.KernelLog, Flags) is { } kernel)
        {
            log.SendTo(kernel, LogForm.Kernel);
        }
        else
        {
            log.SendTo(Libc.OpenAt(Libc.AT_FDCWD, "/dev/console", Flags), LogForm.Text);
        }
    }

    /// <summary>Below the root, where the rest is; if its directory is not there, as the path it is.</summary>
    private static Descriptor OpenFile(string path, SystemRoot root)
    {
        const uint Mode = 0x1A0;   // 0640
        const int Appending = Flags | Libc.O_CREAT | Libc.O_APPEND;
        return root.TryOpen(path, Appending | Libc.O_NOFOLLOW, Mode)
            ?? Libc.OpenAt(Libc.AT_FDCWD, path, Appending, Mode);
    }
}
