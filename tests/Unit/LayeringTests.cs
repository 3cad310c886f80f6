using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Unit;

/// <summary>Which folder of src may use which: references go one way, so that each can be read without those above it.</summary>
public class LayeringTests
{
    private static readonly Dictionary<string, string[]> s_mayUse = new()
    {
        ["Native"] = [],
        ["Spec"] = [],
        ["Xml"] = [],
        ["Files"] = ["Native", "Spec"],
        ["Run"] = ["Native", "Files"],
        ["Crypto"] = [],
        ["Certificates"] = ["Run", "Spec", "Crypto"],
        ["Http"] = ["Native", "Run"],
        ["Configuration"] = ["Native", "Files", "Run", "Spec"],
        ["Media"] = ["Native", "Files", "Run", "Spec", "Xml"],
        ["Azure"] = ["Native", "Files", "Run", "Spec", "Http", "Xml"],
        ["Network"] = ["Native", "Files", "Run", "Spec", "Http"],
        ["Accounts"] = ["Native", "Files", "Run", "Spec", "Crypto"],
        ["Sshd"] = ["Native", "Files", "Run", "Spec", "Crypto"],
        ["Disks"] = ["Native", "Files", "Run", "Spec"],
        ["Settings"] = ["Native", "Files", "Run", "Spec"],
        ["Clean"] = ["Files", "Spec", "Accounts", "Azure", "Settings", "Sshd"],
        ["Check"] = ["Native", "Files", "Run", "Spec", "Configuration", "Media", "Azure", "Network", "Settings", "Sshd", "Disks"],
        [""] =
        [
            "Check", "Clean",
            "Native", "Files", "Run", "Http", "Configuration", "Spec", "Crypto", "Certificates",
            "Media", "Azure", "Network", "Accounts", "Sshd", "Settings", "Disks",
        ],
    };

    [Fact]
    public void A_folder_uses_only_the_folders_below_it()
    {
        var wrong = new List<string>();
        // By a using, and as "Spec.Product", which needs none: a namespace sees its neighbours.
        string folders = string.Join('|', s_mayUse.Keys.Where(name => name.Length > 0));
        foreach ((string folder, string file) in Sources())
        {
            foreach (Match used in Regex.Matches(File.ReadAllText(file), $@"(?:\bAzprovision\.|(?<![\w.""])(?=\w+\.[A-Z]))({folders})\b"))
            {
                string other = used.Groups[1].Value;
                if (other != folder && !s_mayUse[folder].Contains(other))
                {
                    wrong.Add($"{Path.GetFileName(file)} in '{folder}' uses {other}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Folder_and_namespace_are_the_same_and_nothing_is_nested_deeper()
    {
        foreach ((string folder, string file) in Sources())
        {
            Assert.Contains(folder, s_mayUse.Keys);
            string declared = Regex.Match(File.ReadAllText(file), @"^namespace (\S+);", RegexOptions.Multiline).Groups[1].Value;
            Assert.Equal(folder.Length == 0 ? "Azprovision" : $"Azprovision.{folder}", declared);
        }
    }

    [Fact]
    public void No_file_is_longer_than_can_be_read_in_one_go() => Assert.Empty(
        Sources().Where(source => File.ReadLines(source.File).Count() > 350).Select(source => source.File));

    [Theory]
    [InlineData(@"\bFile\.(Read|Write|Open|Exists|Append|Create)", "files below the root go through SystemRoot")]
    [InlineData(@"\bSystem\.Net\b", "sockets go through TcpSocket")]
    [InlineData(@"\bSystem\.Xml\b", "XmlScanner is a fourth of its size, and has no document types")]
    [InlineData(@"\bSystem\.Security\.Cryptography\b", "it would load OpenSSL, which a static binary cannot")]
    [InlineData(@"\basync\b|\bTask\b|\bThread\b", "one thread")]
    [InlineData(@"\bConsole\.", "write(2): Console costs 273 KB")]
    [InlineData(@"\bRegex\b|\bSystem\.Linq\b", "loops are smaller")]
    [InlineData(@"catch\s*\{\s*\}|catch\s*\(Exception\)", "an ignored error is visible")]
    public void The_source_does_without(string pattern, string because)
    {
        string[] users = Sources()
            .Where(source => File.ReadLines(source.File).Any(line =>
                !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && Regex.IsMatch(line, pattern)))
            .Select(source => source.File)
            .ToArray();
        Assert.True(users.Length == 0, $"{string.Join(", ", users)}: {pattern} ({because})");
    }

    private static IEnumerable<(string Folder, string File)> Sources()
    {
        string src = Repository.PathOf("src");
        foreach (string file in Directory.EnumerateFiles(src, "*.cs", SearchOption.AllDirectories))
        {
            string folder = Path.GetRelativePath(src, Path.GetDirectoryName(file)!);
            if (!folder.StartsWith("bin", StringComparison.Ordinal) && !folder.StartsWith("obj", StringComparison.Ordinal))
            {
                yield return (folder == "." ? "" : folder, file);
            }
        }
    }
}
