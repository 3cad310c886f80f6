using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Live.Support;

/// <summary>The image of a disk, partitioned by sfdisk(8) and filled by whatever makes the file system; sparse, so any size.</summary>
internal sealed class DiskImage : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-disk-").FullName;

    internal DiskImage(long bytes)
    {
        Path = System.IO.Path.Combine(_directory, "disk");
        using FileStream file = File.Create(Path);
        file.SetLength(bytes);
    }

    internal string Path { get; }

    /// <summary>As the platform delivers it: one partition of type 7, and in it NTFS without a file.</summary>
    internal static DiskImage Fresh(long bytes, string table = "label: dos\nstart=2048, type=7")
    {
        var image = new DiskImage(bytes);
        image.Partition(table);
        image.Format(image.Partitions().Last(), "mkntfs", "-q", "-F", "-Q", "-L", "Temporary Storage");
        return image;
    }

    /// <param name="script">of sfdisk</param>
    internal void Partition(string script)
    {
        string file = System.IO.Path.Combine(_directory, "script");
        File.WriteAllText(file, script + "\n");
        Tool.Run("sh", "-c", "sfdisk -q --force \"$1\" <\"$2\"", "sh", Path, file);
    }

    internal List<(long Start, long Length)> Partitions() => Tool
        .Run("sfdisk", "-d", Path).Split('\n').Where(line => line.Contains("start=", StringComparison.Ordinal))
        .Select(line => (Number(line, "start="), Number(line, "size="))).Order().ToList();

    /// <summary>Runs a mkfs on a part of the image.</summary>
    internal void Format((long Start, long Length) partition, params string[] command) =>
        WithLoop(partition, device => Tool.Run(command[0], [.. command[1..], device]));

    /// <summary>A shell script in the mounted NTFS of the last partition; "file:stream" is a stream of a file there.</summary>
    internal void Fill(string script) => WithLoop(Partitions().Last(), device =>
    {
        string mount = Directory.CreateDirectory(System.IO.Path.Combine(_directory, "mount")).FullName;
        // In the foreground and waited for: after umount(8) it is still writing.
        Tool.Run(
            "sh",
            "-c",
            $"""
            ntfs-3g -o streams_interface=windows,show_sys_files,no_detach '{device}' '{mount}' &
            until mountpoint -q '{mount}'; do kill -0 $! || exit 1; sleep 0.02; done
            sh -ec "$1"
            code=$?
            umount '{mount}'
            wait $!
            exit $code
            """,
            "sh",
            $"cd '{mount}'\n{script}");
    });

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static long Number(string line, string name)
    {
        string rest = line[(line.IndexOf(name, StringComparison.Ordinal) + name.Length)..].TrimStart();
        return long.Parse(rest[..rest.IndexOfAny([',', ' '])], CultureInfo.InvariantCulture) * 512;
    }

    private void WithLoop((long Start, long Length) part, Action<string> action)
    {
        string device = Tool.Run(
            "losetup", "--find", "--show", "--offset", $"{part.Start}", "--sizelimit", $"{part.Length}", Path).Trim();
        try
        {
            action(device);
        }
        finally
        {
            Tool.Run("losetup", "--detach", device);
        }
    }
}
