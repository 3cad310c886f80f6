using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Azprovision.Configuration;
using Azprovision.Spec;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Unit;

/// <summary>
/// The help, the manual and both completions tell of the same commands, options and steps. An option is its name, "=" if it
/// takes a value, and the values that are words.
/// </summary>
public class ManualTests
{
    // What these take is a list of words, which other tests compare, or of what a machine has.
    private static readonly string[] s_lists = ["only", "skip", "groups"];

    private static readonly string s_manual = Read("src/man/azprovision.8");
    private static readonly string s_zsh = Read("src/completion/_azprovision");
    private static readonly string[] s_options = OptionsOfHelp();

    [Fact]
    public void The_manual_has_the_options_of_the_help()
    {
        var options = new List<string>();
        foreach (string line in Items(s_manual, "OPTIONS"))
        {
            string[] words = line.Split(' ');
            for (int at = Array.IndexOf(words, "Fl"); at >= 0; at = Array.IndexOf(words, "Fl", at + 1))
            {
                if (words[at + 1][0] == '-')
                {
                    int end = Array.IndexOf(words, "Fl", at + 1);
                    options.Add(OfMacros(words[at + 1][1..], words[(at + 2)..(end < 0 ? words.Length : end)]));
                }
            }
        }

        Assert.Equal(s_options, options.Order());
    }

    [Fact]
    public void The_manual_of_the_file_has_the_options_that_are_for_a_file()
    {
        string[] notForIt = ["root", "user", "help", "version", "json", "wait"];
        IEnumerable<string> forIt = s_options.Where(option => !notForIt.Contains(option.TrimEnd('=')))
            .Select(option => option.Contains('=') ? option : $"{option}=no|yes");   // a switch is on or off there

        IEnumerable<string> options = Items(Read("src/man/azprovision.conf.5"), "OPTIONS")
            .Select(line => line.Split(" Ta "))
            .Where(columns => columns[0].StartsWith("Cm ", StringComparison.Ordinal))
            .Select(columns => OfMacros(columns[0][3..], columns[1].Split(' ')));

        Assert.Equal(forIt, options.Order());
    }

    [Fact]
    public void Bash_completes_the_options_of_the_help_and_their_values()
    {
        string directory = Directory.CreateTempSubdirectory("azprovision-completion-").FullName;   // no file to complete
        try
        {
            string[] names = [.. InBash(directory, "--").Where(word => word.StartsWith("--", StringComparison.Ordinal))];
            Assert.Equal(s_options, names.Select(name => Option(name[2..], InBash(directory, name, ""))).Order());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        static string Option(string name, string[] offered) =>
            offered.Contains("--root") ? name : Of(name, offered);
    }

    [Theory]
    [InlineData("nopasswd none", "--sudo", "n")]
    [InlineData("nopasswd none", "--sudo", "=", "n")]
    [InlineData("auto off", "--network", "=")]
    [InlineData("kmsg,stderr", "--log", "kmsg,st")]
    [InlineData("user,ssh-keys user,sshd", "--only", "user,ssh")]
    [InlineData("--host-keys", "check", "--ho")]
    public void Bash_completes_what_was_begun(string offered, params string[] words) =>
        Assert.Equal(offered.Split(' '), InBash("/", words));

    [Fact]
    public void Zsh_completes_the_options_of_the_help_and_their_values()
    {
        var options = new List<string>();
        foreach (Match spec in Regex.Matches(s_zsh, @"^  .*--([a-z-]+)(=?).*\[.*?\](?:.*:(.*))?'", RegexOptions.Multiline))
        {
            string action = spec.Groups[3].Value;
            string words = action.StartsWith('_')
                ? Regex.Match(s_zsh, $@"^{action}\(\) \{{[^}}]*'words:[^(]*(\(.*?\))", RegexOptions.Multiline).Groups[1].Value
                : action;
            options.Add(spec.Groups[2].Length == 0
                ? spec.Groups[1].Value
                : Of(spec.Groups[1].Value, words.StartsWith('(') ? words.Trim('(', ')').Split(' ') : []));
        }

        Assert.Equal(s_options, options.Order());
    }

    [Fact]
    public void All_have_the_same_commands()
    {
        string[] commands = [.. Enum.GetNames<Command>().Select(name => name.ToLowerInvariant()).Order()];
        string ofHelp = Regex.Match(Options.Usage, @"\[([a-z|]+)\]").Groups[1].Value;
        string ofZsh = Regex.Match(s_zsh, @"'1:command:\((.*)\)'").Groups[1].Value;

        Assert.Equal(commands, ofHelp.Split('|').Order());
        Assert.Equal(commands, Items(s_manual, "COMMANDS").Select(item => item["Cm ".Length..]).Order());
        Assert.Equal(commands, InBash("/", "").Order());
        Assert.Equal(commands, ofZsh.Split(' ').Order());
    }

    [Fact]
    public void All_have_the_same_steps()
    {
        string[] steps = StepNames.All.Split(", ");
        string ofHelp = Regex.Replace(
            Regex.Match(Options.Usage, @"leave them out:([a-z,\s-]*report)").Groups[1].Value, @"\s", "");
        string ofManual = Regex.Match(s_manual, @"^\.Cm (hostname .*\nand\n\.Cm report)", RegexOptions.Multiline).Groups[1].Value;
        string ofZsh = Regex.Match(s_zsh, @"compadd ""\$@"" - (.*)").Groups[1].Value;

        Assert.Equal(steps, ofHelp.Split(','));
        Assert.Equal(steps, ofManual.Replace("\nand\n.Cm", " ,", StringComparison.Ordinal).Split(" , "));
        Assert.Equal(steps, InBash("/", "--only", ""));
        Assert.Equal(steps, ofZsh.Split(' '));
    }

    [Fact]
    public void The_manual_has_the_exit_codes_of_the_enum() => Assert.Equal(
        [0, .. Enum.GetValues<Failure>().Select(failure => (int)failure)], Items(s_manual, "EXIT STATUS").Select(int.Parse));

    [Fact]
    public void Every_option_of_the_help_is_understood()
    {
        foreach (string name in s_options.Select(option => option.Split('=')[0]).Except(["help", "version"]))
        {
            // A bad or missing value is another error than an unknown name.
            string[] flags = [$"--{name}="];
            var problem = Record.Exception(() => Options.From([], [], SettingSources.FromArguments(flags), _ => { }));
            Assert.DoesNotContain("unknown", problem?.Message ?? "");
        }
    }

    // Lines "  --name VALUE   what it is", also two in one line; one blank is before a value, more are before the rest.
    private static string[] OptionsOfHelp() =>
    [
        .. Regex.Matches(Options.Usage, @"(?:^  |(?<=, )|   )(?:-\w, )?--([a-z-]+)(?: (?! )(\S+))?", RegexOptions.Multiline)
            .Select(match => match.Groups[2].Success
                ? Of(match.Groups[1].Value, match.Groups[2].Value.Split(['|', ',']))
                : match.Groups[1].Value)
            .Order(),
    ];

    private static string OfMacros(string name, string[] macros)
    {
        var words = new List<string>();
        bool isLiteral = false;
        foreach (string word in macros)
        {
            isLiteral = word == "Cm" || (isLiteral && !char.IsUpper(word[0]));
            if (isLiteral && word != "Cm")
            {
                words.Add(word);
            }
        }

        return macros.Any(word => word is "Ar" or "Cm") ? Of(name, words) : name;
    }

    private static string Of(string name, IEnumerable<string> values)
    {
        IEnumerable<string> words = s_lists.Contains(name) ? [] : values.Where(value => Regex.IsMatch(value, "^[a-z]+$"));
        return $"{name}={string.Join('|', words.Order())}";
    }

    /// <summary>The rest of each ".It" line of a section.</summary>
    private static IEnumerable<string> Items(string manual, string section)
    {
        string text = Regex.Match(manual, $@"^\.Sh {section}\n(.*?)^\.Sh ", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;
        return Regex.Matches(text, @"^\.It (.*)$", RegexOptions.Multiline).Select(item => item.Groups[1].Value);
    }

    /// <summary>What bash offers in the place of the last word; the words are as it splits them.</summary>
    private static string[] InBash(string directory, params string[] words)
    {
        const string Script = """
            . "$1" && cd "$2" && shift 2 || exit
            COMP_WORDS=(azprovision "$@") COMP_CWORD=$#
            _azprovision
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        return Tool.Run("bash", ["-c", Script, "bash", Repository.PathOf("src/completion/azprovision.bash"), directory, .. words])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Read(string path) => File.ReadAllText(Repository.PathOf(path));
}
