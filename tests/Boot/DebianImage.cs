using System;
using System.IO;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Boot;

/// <summary>Debian roots with the program installed for one init or initramfs each, made as they are asked for.</summary>
public sealed class DebianImage : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-debian-").FullName;

    /// <param name="init">as in "make install-INIT"</param>
    /// <param name="image">has the kernel, and the initramfs of roots that need none of their own</param>
    internal BootFiles For(string init, GuestImage image)
    {
        string cache = Repository.PathOf("out/cache");
        string directory = Path.Combine(_directory, init);
        Tool.Run(Repository.PathOf("tests/Boot/debian.sh"), Path.Combine(cache, "kernel"), cache, init, directory);
        string initramfs = Path.Combine(directory, "initramfs");
        return image.Files with
        {
            Initramfs = File.Exists(initramfs) ? initramfs : image.Files.Initramfs,
            RootDisk = Path.Combine(directory, "root.ext4"),
        };
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
