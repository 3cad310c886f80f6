using System;
using System.IO;

namespace Azprovision.Tests.Boot;

/// <summary>What every machine starts from: kernel, initramfs and a root disk with the published binary, made once.</summary>
public sealed class GuestImage : IDisposable
{
    public GuestImage()
    {
        Repository = FindRepository();
        Directory = System.IO.Directory.CreateTempSubdirectory("azprovision-boot-").FullName;
        Tool.Run(
            Path.Combine(Repository, "tests/Boot/image.sh"),
            Path.Combine(Repository, "out/azprovision"),
            Path.Combine(Repository, "out/cache"),
            Directory);
    }

    internal string Repository { get; }

    internal string Directory { get; }

    internal string Kernel => Path.Combine(Directory, "vmlinuz");

    internal string Initramfs => Path.Combine(Directory, "initramfs");

    internal string RootDisk => Path.Combine(Directory, "root.ext4");

    /// <summary>Host name heron; user ada with a password and a key; custom data.</summary>
    internal string SampleOvf => File.ReadAllText(Path.Combine(Repository, "tests/Demo/dvd/ovf-env.xml"));

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    private static string FindRepository()
    {
        string? directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Provisioning.sln")))
        {
            directory = Path.GetDirectoryName(directory)
                ?? throw new DirectoryNotFoundException($"no Provisioning.sln above '{AppContext.BaseDirectory}'");
        }

        return directory;
    }
}
