using System;
using System.IO;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Boot;

/// <summary>The root disk of a machine that is off, read and changed by debugfs(8): nothing is ever mounted.</summary>
internal sealed class GuestDisk(string image)
{
    private const UnixFileMode Mode755 =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    internal string Image { get; } = image;

    internal string Read(string path) => Ask($"cat {path}");

    /// <summary>Names in a directory; empty if there is none.</summary>
    internal string[] List(string path)
    {
        // ls -p: /inode/mode/uid/gid/name/size/
        string[] lines = Ask($"ls -p {path}").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return Array.FindAll(Array.ConvertAll(lines, line => line.Split('/')[5]), name => name is not ("." or ".."));
    }

    /// <summary>"mode uid gid", as in "100600 1000 1000".</summary>
    internal string Status(string path)
    {
        string parent = Path.GetDirectoryName(path)!;
        string name = Path.GetFileName(path);
        foreach (string line in Ask($"ls -p {parent}").Split('\n'))
        {
            string[] fields = line.Split('/');
            if (fields.Length > 5 && fields[5] == name)
            {
                return $"{fields[2]} {fields[3]} {fields[4]}";
            }
        }

        return "absent";
    }

    /// <summary>A file of root's, mode 0755: a script more often than not.</summary>
    internal void Write(string path, byte[] content)
    {
        string source = Image + ".new";
        File.WriteAllBytes(source, content);
        File.SetUnixFileMode(source, Mode755);
        Remove(path);
        Tool.Run("debugfs", "-w", "-R", $"write {source} {path}", Image);
        File.Delete(source);
    }

    internal void Remove(string path) => Tool.Run("debugfs", "-w", "-R", $"rm {path}", Image);

    private string Ask(string request) => Tool.Run("debugfs", "-R", request, Image);
}
