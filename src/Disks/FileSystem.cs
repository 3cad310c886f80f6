using System;
using System.IO;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Disks;

/// <summary>A file system that the image has a program for.</summary>
/// <param name="Type">as mount(2) calls it</param>
/// <param name="Arguments">of the program, without the device</param>
internal sealed record FileSystem(string Type, string[] Arguments)
{
    internal const string Label = Spec.Product.Name;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private static readonly (string Type, string Program, string[] Options)[] s_known =
    [
        ("ext4", "mkfs.ext4", ["-q", "-F", "-L", Label]),
        ("ext4", "mke2fs", ["-q", "-F", "-t", "ext4", "-L", Label]),
        ("xfs", "mkfs.xfs", ["-q", "-f", "-L", Label]),
        ("btrfs", "mkfs.btrfs", ["-q", "-f", "-L", Label]),
    ];

    /// <summary>The first that the root can make; null: none.</summary>
    internal static FileSystem? TryFind(SystemRoot files)
    {
        foreach ((string type, string program, string[] options) in s_known)
        {
            if (ChildProgram.TryFind(files, program) is { } path)
            {
                return new FileSystem(type, [path, .. options]);
            }
        }

        return null;
    }

    /// <summary>Runs the program of the root, which needs the device in the root's /dev for the time.</summary>
    /// <param name="name">of the device, without its directory</param>
    internal void Make(Host host, string name)
    {
        const string Devices = "/dev";
        if (host.Files.TryStatus($"{Devices}/{name}") is { IsBlockDevice: true })
        {
            Run(host, $"{Devices}/{name}");
            return;
        }

        using (Descriptor place = host.Files.OpenDirectory(Devices))
        {
            Libc.BindOn(place.Number, host.Devices);
        }

        try
        {
            Run(host, $"{Devices}/{name}");
        }
        finally
        {
            using Descriptor bound = host.Files.OpenDirectory(Devices);
            Libc.UnmountHere(bound.Number, Devices);
        }
    }

    /// <summary>Mounts what one of them has made on an open directory; which one, shows when it works.</summary>
    internal static string Mount(string device, int directory)
    {
        foreach (string type in (string[])["ext4", "xfs", "btrfs"])
        {
            if (Libc.TryMountOn(directory, device, type))
            {
                return type;
            }
        }

        throw new IOException($"'{device}' has none of ext4, xfs, btrfs, or the kernel has not");
    }

    private void Run(Host host, string device)
    {
        int? status = ChildProgram.Run(host.Files, [.. Arguments, device], host.Deadline.Within(s_patience));
        if (status != 0)
        {
            throw new IOException(status is { } ended
                ? $"'{Arguments[0]}' {ChildProgram.Describe(ended)}"
                : $"'{Arguments[0]}' did not end in time and was killed");
        }
    }
}
