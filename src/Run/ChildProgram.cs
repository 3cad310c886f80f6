using System;
using Azprovision.Files;
using Azprovision.Native;

namespace Azprovision.Run;

/// <summary>A program of the root that is provisioned, run to its end.</summary>
internal static class ChildProgram
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    private const string Devices = "/dev";
    private const string Null = "null";

    private static readonly string[] s_environment =
        ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"];

    private static readonly string[] s_directories =
        ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

    /// <summary>Where the root has a program of this name; null: nowhere that a program is looked for.</summary>
    internal static string? TryFind(SystemRoot root, string name)
    {
        foreach (string directory in s_directories)
        {
            string path = $"{directory}/{name}";
            if (root.TryStatus(path) is { IsRegular: true })
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>
    /// The wait status (waitpid(2)), or null when it had to be killed at the deadline. In an initramfs the root's /dev is
    /// empty yet, so it gets a null device for the time: many programs do not run without, and shells make a file of it.
    /// </summary>
    internal static int? Run(SystemRoot root, string[] arguments, Deadline deadline)
    {
        using Descriptor nothing = Libc.TryOpenAt(Libc.AT_FDCWD, "/dev/null", Libc.O_RDONLY)
            ?? Libc.OpenAt(Libc.AT_FDCWD, "/", Libc.O_RDONLY);   // a directory cannot be read either
        using Descriptor? devices = root.TryOpen(Devices, Libc.O_RDONLY | Libc.O_DIRECTORY);
        int? pid = null;
        int? status = null;
        bool isNullMade = false;
        bool isHeldHere = Libc.HoldTermination();   // a signal that ends us ends the program and all that it started first
        try
        {
            isNullMade = devices is not null && Libc.TryMakeNullDevice(devices.Number, Null);
            int child = Libc.Spawn(root.DescriptorNumber, nothing.Number, arguments, s_environment);
            pid = child;
            Retry.Until(() => (status = Libc.TryWait(child)) is not null, s_look, deadline);
        }
        finally
        {
            if (pid is { } started && status is null)
            {
                Libc.KillGroup(started);
            }

            if (isNullMade)
            {
                Libc.UnlinkAt(devices!.Number, Null, $"{Devices}/{Null}");
            }

            if (isHeldHere)
            {
                Libc.AllowTermination();
            }
        }

        return status;
    }

    internal static string Describe(int status) => (status & 0x7F) == 0
        ? $"ended with exit code {status >> 8}"
        : $"was ended by signal {status & 0x7F}";
}
