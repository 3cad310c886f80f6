using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Spec;

namespace Azprovision.Configuration;

/// <summary>Splits the three places that settings come from into names and values; pure.</summary>
internal static class SettingSources
{
    private const string KernelPrefix = "azprovision.";

    private static readonly string[] s_flagsWithoutValue =
    [
        "keep-network", "run-custom-data", "user-data", "allow-no-login", "waagent-files", "dry-run", "force", "verbose", "quiet",
        "json", "user", "wait", "help", "version",
    ];

    /// <summary>"--name value", "--name=value", "--name" for a switch, the short ones; a command comes first.</summary>
    internal static List<Setting> FromArguments(IReadOnlyList<string> arguments)
    {
        var settings = new List<Setting>();
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            string? shortFor = argument switch
            {
                "-v" => "verbose",
                "-q" => "quiet",
                "-h" => "help",
                "-V" => "version",
                _ => null,
            };
            if (shortFor is not null)
            {
                settings.Add(new Setting(shortFor, null, argument));
            }
            else if (argument.StartsWith("--", StringComparison.Ordinal) && argument.Length > 2 && argument[2] != '=')
            {
                int equals = argument.IndexOf('=');
                string name = equals < 0 ? argument[2..] : argument[2..equals];
                string? value = equals < 0 ? null : argument[(equals + 1)..];
                if (value is null && Array.IndexOf(s_flagsWithoutValue, name) < 0 && i + 1 < arguments.Count)
                {
                    value = arguments[++i];
                }

                if (name is "help" or "version" && value is not null)
                {
                    throw new InvalidDataException($"--{name}: takes no value");
                }

                settings.Add(new Setting(name, value, $"--{Printable.Of(name)}"));
            }
            else if (TryParseCommand(argument) is null)
            {
                throw new InvalidDataException($"'{Printable.Of(argument)}': neither a command nor an option");
            }
            else if (i > 0)
            {
                throw new InvalidDataException($"'{argument}': the command comes first, before all options");
            }
        }

        return settings;
    }

    /// <summary>What the first word asks for.</summary>
    internal static Command CommandOf(IReadOnlyList<string> arguments) =>
        arguments.Count > 0 && TryParseCommand(arguments[0]) is { } command ? command : Command.Provision;

    private static Command? TryParseCommand(string word) => word switch
    {
        "provision" => Command.Provision,
        "check" => Command.Check,
        "clean" => Command.Clean,
        "status" => Command.Status,
        _ => null,
    };

    /// <summary>azprovision.name=value among the kernel's arguments; "_" stands for "-", quotes keep blanks together.</summary>
    internal static List<Setting> FromKernel(string commandLine)
    {
        var settings = new List<Setting>();
        foreach (string word in SplitQuoted(commandLine))
        {
            if (word == "--")
            {
                break;   // what follows is for init
            }

            if (word.StartsWith(KernelPrefix, StringComparison.Ordinal))
            {
                int equals = word.IndexOf('=');
                string name = (equals < 0 ? word : word[..equals])[KernelPrefix.Length..].Replace('_', '-');
                settings.Add(new Setting(
                    name,
                    equals < 0 ? null : word[(equals + 1)..],
                    $"kernel argument {KernelPrefix}{Printable.Of(name)}"));
            }
        }

        return settings;
    }

    /// <summary>Lines "name = value"; "#" begins a comment line.</summary>
    internal static List<Setting> FromFile(string text, string path)
    {
        var settings = new List<Setting>();
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            int equals = line.IndexOf('=');
            if (equals <= 0)
            {
                settings.Add(Setting.Mistake($"{path} line {i + 1}: '{Printable.Of(line)}' is not 'name = value'"));
                continue;
            }

            string name = line[..equals].TrimEnd();
            settings.Add(new Setting(name, line[(equals + 1)..].TrimStart(), $"{path} line {i + 1}: {Printable.Of(name)}"));
        }

        return settings;
    }

    /// <summary>The text that --help or --version asks for; null: neither is there.</summary>
    internal static string? TryAnswer(List<Setting> flags) => flags.Find(flag => flag.Name is "help" or "version") switch
    {
        { Name: "help" } => Options.Usage,
        { } => $"{Product.Name} {Product.Version}\n",
        null => null,
    };

    // As lib/cmdline.c of the kernel does it: a double quote anywhere in a word starts or ends a quoted stretch.
    private static List<string> SplitQuoted(string commandLine)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        bool quoted = false;
        foreach (char c in commandLine)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && char.IsWhiteSpace(c))
            {
                words.Add(word.ToString());
                word.Clear();
            }
            else
            {
                word.Append(c);
            }
        }

        words.Add(word.ToString());
        return words;
    }
}

/// <summary>One option as it was given somewhere.</summary>
/// <param name="Place">what to call it in an error: "--timeout", "/etc/azprovision.conf line 3: timeout"</param>
internal sealed record Setting(string Name, string? Value, string Place)
{
    /// <summary>A file, or a line of one, that cannot be read: the place says all.</summary>
    private bool IsMistake { get; init; }

    internal string NonEmpty => Value is { Length: > 0 } ? Value : throw new InvalidDataException($"{Place}: needs a value");

    internal InvalidDataException Bad(string why) =>
        Value is null ? new($"{Place}: needs a value") : new($"{Place}: '{Printable.Of(Value)}' {why}");

    internal static Setting Mistake(string what) => new("", null, what) { IsMistake = true };

    internal InvalidDataException Misplaced() => new($"{Place}: cannot be set here");

    internal InvalidDataException Unknown() => new(IsMistake ? Place : $"{Place}: unknown option");
}
