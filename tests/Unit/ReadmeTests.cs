using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Azprovision.Spec;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Unit;

public class ReadmeTests
{
    [Fact]
    public void A_newcomer_has_1200_words_to_read() => Assert.InRange(
        File.ReadAllText(Repository.PathOf("README.md")).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, 1, 1200);

    [Fact]
    public void The_version_is_the_programs() =>
        Assert.Contains($"\nVersion {Product.Version} ", File.ReadAllText(Repository.PathOf("README.md")));

    [Theory]
    [InlineData("README.md")]
    [InlineData("src/README.md")]
    [InlineData("src/boot/README.md")]
    [InlineData("tests/Bench/README.md")]
    [InlineData("tests/Boot/kernel/README.md")]
    [InlineData("tests/Rehearsal/README.md")]
    public void Links_lead_to_files_and_sections_that_are_there(string path)
    {
        foreach (Match link in Regex.Matches(File.ReadAllText(Repository.PathOf(path)), @"\]\(([^):]*)\)"))
        {
            string[] parts = link.Groups[1].Value.Split('#');
            string file = parts[0].Length == 0
                ? Repository.PathOf(path)
                : Path.Combine(Path.GetDirectoryName(Repository.PathOf(path))!, parts[0]);
            Assert.True(Path.Exists(file), $"{path}: {link.Value}");
            Assert.True(parts.Length == 1 || Anchors(file).Contains(parts[1]), $"{path}: {link.Value}");
        }
    }

    [Fact]
    public void The_targets_and_files_of_the_commands_are_there()
    {
        string makefiles = File.ReadAllText(Repository.PathOf("Makefile"))
            + File.ReadAllText(Repository.PathOf("src/boot/install.mk")) + File.ReadAllText(Repository.PathOf("src/package/package.mk"));
        string readme = File.ReadAllText(Repository.PathOf("README.md"));
        foreach (Match target in Regex.Matches(readme, @"\bmake((?: [a-z][a-z-]*)+)"))
        {
            foreach (string name in target.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                Assert.Matches($"(?m)^{name}:", makefiles);
            }
        }

        foreach (Match file in Regex.Matches(readme, @"\b(?:src|tests)/[A-Za-z/.-]*\w"))
        {
            Assert.True(Path.Exists(Repository.PathOf(file.Value)), file.Value);
        }
    }

    [Fact]
    public void The_table_of_kernel_requirements_is_what_the_smallest_kernel_is_built_with()
    {
        string table = File.ReadAllText(Repository.PathOf("tests/Boot/kernel/README.md"));
        string[] rows = [.. Regex.Matches(table, "`(CONFIG_[A-Z0-9_]+)`").Select(row => row.Groups[1].Value).Order()];
        string fragment = File.ReadAllText(Repository.PathOf("tests/Boot/kernel/azprovision.config"));
        string[] lines = [.. Regex.Matches(fragment, "^(CONFIG_[A-Z0-9_]+)=y$", RegexOptions.Multiline).Select(line => line.Groups[1].Value).Order()];
        Assert.Equal(lines, rows);
    }

    // As GitHub makes them of headings.
    private static string[] Anchors(string file) =>
    [
        .. Regex.Matches(File.ReadAllText(file), @"^#+ (.*)$", RegexOptions.Multiline)
            .Select(heading => Regex.Replace(heading.Groups[1].Value.ToLowerInvariant(), @"[^\w -]", "").Replace(' ', '-')),
    ];
}
