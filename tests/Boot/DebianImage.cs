using System;
using System.IO;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Boot;

/// <summary>Debian roots with the program installed for one init or initramfs each, made as they are asked for.</summary>
public sealed class DebianImage : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-debian-").FullName;
    private int _roots;

    /// <param name="init">as in "make install-INIT"</param>
    /// <param name="image">has the kernel, and the initramfs of roots that need none of their own</param>
    internal BootFiles For(string init, GuestImage image)
    {
        string directory = Make(init);
        string initramfs = Path.Combine(directory, "initramfs");
        return image.Files with
        {
            Initramfs = File.Exists(initramfs) ? initramfs : image.Files.Initramfs,
            RootDisk = Path.Combine(directory, "root.ext4"),
        };
    }

    /// <summary>A whole disk that a BIOS starts; the same one for all.</summary>
    internal string Disk()
    {
        string disk = Path.Combine(_directory, "disk", "disk.img");
        return File.Exists(disk) ? disk : Path.Combine(Make("disk"), "disk.img");
    }

    /// <summary>A list of what is in the initramfs that was made.</summary>
    internal string ContentsOf(string init) => Path.Combine(_directory, init, "contents");

    /// <summary>A root of one's own without the program, as a directory.</summary>
    internal string Root()
    {
        string root = Path.Combine(_directory, $"root{++_roots}");
        Directory.Move(Path.Combine(Make("none"), "root"), root);
        return root;
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Make(string init)
    {
        string cache = Repository.PathOf("out/cache");
        string directory = Path.Combine(_directory, init);
        Tool.Run(Repository.PathOf("tests/Boot/debian.sh"), Path.Combine(cache, "kernel"), cache, init, directory);
        return directory;
    }
}
