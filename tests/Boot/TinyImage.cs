using System;
using System.IO;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Boot;

/// <summary>The smallest kernel, an initramfs of the published binary and a short init, and a disk to provision.</summary>
public sealed class TinyImage : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-tiny-").FullName;

    public TinyImage() => Tool.Run(
        Repository.PathOf("tests/Boot/kernel/image.sh"), Repository.Binary, Repository.PathOf("out/cache"), _directory);

    internal BootFiles Files =>
        new(Path.Combine(_directory, "vmlinuz"), Path.Combine(_directory, "initramfs"), Path.Combine(_directory, "root.ext2"));

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
