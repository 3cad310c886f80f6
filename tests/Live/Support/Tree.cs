using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live.Support;

/// <summary>
/// A root file system on disk, compared by content, mode, owner and links. A listing has a line for each name:
/// "0644 0:0 f etc/passwd", "0777 0:0 l bin -> usr/bin", "0755 0:0 d etc"; to be made, also a second name of a file, an "h".
/// </summary>
internal sealed partial class Tree : IDisposable
{
    internal Tree() => Path = Directory.CreateTempSubdirectory("azprovision-tree-").FullName;

    internal string Path { get; }

    internal string HostPath(string path) => System.IO.Path.Combine(Path, path.TrimStart('/'));

    internal string Read(string path) => Encoding.Latin1.GetString(File.ReadAllBytes(HostPath(path)));

    /// <summary>Copies a case's files, then makes and sets right what its listing names.</summary>
    internal void Load(string files, string listing)
    {
        if (Directory.Exists(files))
        {
            Tool.Run("cp", "-r", "--no-preserve=ownership", $"{files}/.", Path);
            Tool.Run("chmod", "-R", "u=rwX,go=rX", Path);
        }

        foreach (string line in File.Exists(listing) ? File.ReadAllLines(listing) : [])
        {
            Match match = ListingLine().Match(line);
            if (!match.Success)
            {
                throw new InvalidDataException($"{listing}: '{line}' is no listing line");
            }

            string path = HostPath(match.Groups["path"].Value);
            switch (match.Groups["type"].Value)
            {
                case "d":
                    Directory.CreateDirectory(path);
                    break;
                case "l":
                    Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
                    File.CreateSymbolicLink(path, match.Groups["target"].Value);
                    Tool.Run("chown", "-h", match.Groups["owner"].Value, path);
                    continue;
                case "h":
                    Tool.Run("ln", HostPath(match.Groups["target"].Value), path);
                    break;
            }

            Tool.Run("chown", match.Groups["owner"].Value, path);
            Tool.Run("chmod", match.Groups["mode"].Value, path);
        }
    }

    internal void CopyFrom(Tree other) => Tool.Run("cp", "-a", $"{other.Path}/.", Path);

    /// <summary>Takes away the reason that a failed run keeps for "status", which is all that it may leave.</summary>
    internal void RemoveReason()
    {
        string state = HostPath("var/lib/azprovision");
        if (Directory.Exists(state))
        {
            Assert.Single(Directory.GetFiles(state, "*.failed"), file => File.ReadAllText(file).Length > 0);
            Tool.Run("find", state, "-name", "*.failed", "-delete", "-o", "-depth", "-type", "d", "-empty", "-delete");
        }
    }

    internal string[] Listing() => Tool
        .Run("find", Path, "-mindepth", "1", "-printf", "%04m %U:%G %y %P -> %l\n")
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.EndsWith(" -> ", StringComparison.Ordinal) ? line[..^4] : line)
        .OrderBy(line => line.Split(' ', 4)[3], StringComparer.Ordinal)
        .ToArray();

    /// <summary>All regular files by name, with what differs from run to run replaced (<see cref="Masked"/>).</summary>
    internal SortedDictionary<string, string> Contents()
    {
        var contents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(
            Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
        {
            string name = System.IO.Path.GetRelativePath(Path, file);
            contents.Add(name, Masked(Read(name)));
        }

        return contents;
    }

    /// <summary>A salt is random and a day is today's: "name:$6$salt$hash:20000:" becomes "name:{hash}:{today}:".</summary>
    private static string Masked(string content)
    {
        long today = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 86400;
        return HashAndDay().Replace(RecordedHash().Replace(content, "password-hash {hash}\n"), match =>
            long.TryParse(match.Groups["day"].Value, out long day) && day >= today - 1 && day <= today
                ? $":{{hash}}:{{today}}:"
                : match.Value)
            .Replace($":*:{today}:", ":*:{today}:", StringComparison.Ordinal)
            .Replace($":*:{today - 1}:", ":*:{today}:", StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    [GeneratedRegex(@"^(?<mode>[0-7]{4}) (?<owner>\d+:\d+) (?<type>[dflh]) (?<path>\S+)( -> (?<target>.*))?$")]
    private static partial Regex ListingLine();

    [GeneratedRegex(@"password-hash \$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}\n")]
    private static partial Regex RecordedHash();

    [GeneratedRegex(@":\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}:(?<day>\d+):")]
    private static partial Regex HashAndDay();
}
