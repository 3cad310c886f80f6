using System;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;

namespace Azprovision.Tests.Unit.Support;

/// <summary>A root file system in a temporary directory of its own, gone after the test.</summary>
internal sealed class TempRoot : IDisposable
{
    internal TempRoot()
    {
        Path = Directory.CreateTempSubdirectory("azprovision-").FullName;
        Files = SystemRoot.Open(Path);
    }

    internal string Path { get; }

    internal SystemRoot Files { get; }

    internal string HostPath(string path) => Path + path;

    internal TempRoot With(string path, string content, UnixFileMode? mode = null)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(HostPath(path))!);
        File.WriteAllBytes(HostPath(path), Encoding.Latin1.GetBytes(content));
        if (mode is { } given)
        {
            File.SetUnixFileMode(HostPath(path), given);
        }

        return this;
    }

    internal TempRoot WithDirectory(string path)
    {
        Directory.CreateDirectory(HostPath(path));
        return this;
    }

    internal TempRoot WithLink(string path, string target)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(HostPath(path))!);
        File.CreateSymbolicLink(HostPath(path), target);
        return this;
    }

    internal TempRoot WithMode(string path, UnixFileMode mode)
    {
        File.SetUnixFileMode(HostPath(path), mode);
        return this;
    }

    internal TempRoot WithOwner(string path, uint user)
    {
        using Descriptor file = Libc.OpenAt(Libc.AT_FDCWD, HostPath(path), Libc.O_RDONLY);
        Libc.SetOwner(file.Number, user, user, path);
        return this;
    }

    internal string Read(string path) => Encoding.Latin1.GetString(File.ReadAllBytes(HostPath(path)));

    public void Dispose()
    {
        Files.Dispose();
        Directory.Delete(Path, recursive: true);
    }
}
