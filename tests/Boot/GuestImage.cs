using System;
using System.IO;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Boot;

/// <summary>What every machine starts from: kernel, initramfs and a root disk with the published binary, made once.</summary>
public sealed class GuestImage : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-boot-").FullName;

    public GuestImage()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("the boot tests make namespaces and files of several owners: run them as root");
        }

        Tool.Run(
            Repository.PathOf("tests/Boot/image.sh"), Repository.Binary, Repository.PathOf("out/cache"), _directory);
    }

    internal BootFiles Files =>
        new(Path.Combine(_directory, "vmlinuz"), Path.Combine(_directory, "initramfs"), Path.Combine(_directory, "root.ext4"));

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
