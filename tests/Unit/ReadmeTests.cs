using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Azprovision.Configuration;
using Azprovision.Spec;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Unit;

public class ReadmeTests
{
    private static readonly string s_readme = File.ReadAllText(Repository.PathOf("README.md"));

    [Fact]
    public void The_table_of_exit_codes_is_the_enum()
    {
        int[] rows = [.. Regex.Matches(s_readme, @"^\| (\d+) \|", RegexOptions.Multiline).Select(row => int.Parse(row.Groups[1].Value))];
        Assert.Equal([0, .. Enum.GetValues<Failure>().Select(failure => (int)failure)], rows);
    }

    [Fact]
    public void The_table_of_options_is_what_the_help_shows()
    {
        string table = s_readme[s_readme.IndexOf("| option |", StringComparison.Ordinal)..s_readme.IndexOf("## Exit codes", StringComparison.Ordinal)];
        Assert.Equal(Names(Options.Usage), Names(table));
    }

    [Fact]
    public void Every_option_of_the_help_is_understood()
    {
        foreach (string name in Names(Options.Usage).Except(["help", "version"]))
        {
            // A bad or missing value is another error than an unknown name.
            string[] flags = [$"--{name}="];
            var problem = Record.Exception(() => Options.From([], [], SettingSources.FromArguments(flags), _ => { }));
            Assert.DoesNotContain("unknown", problem?.Message ?? "");
        }
    }

    [Fact]
    public void The_table_of_kernel_requirements_is_what_the_smallest_kernel_is_built_with()
    {
        string table = s_readme[s_readme.IndexOf("## Kernel requirements", StringComparison.Ordinal)..];
        string[] rows = [.. Regex.Matches(table, "`(CONFIG_[A-Z0-9_]+)`").Select(row => row.Groups[1].Value).Order()];
        string fragment = File.ReadAllText(Repository.PathOf("tests/Boot/kernel/azprovision.config"));
        string[] lines = [.. Regex.Matches(fragment, "^(CONFIG_[A-Z0-9_]+)=y$", RegexOptions.Multiline).Select(line => line.Groups[1].Value).Order()];
        Assert.Equal(lines, rows);
    }

    private static string[] Names(string text) =>
        [.. Regex.Matches(text, @"--([a-z][a-z-]*)").Select(match => match.Groups[1].Value).Distinct().Order()];
}
