using System;
using System.Linq;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>The manual and the completion for zsh, by the programs that read them.</summary>
public class ManualTests
{
    // A shell in a terminal of its own, in which what is offered is printed and not shown.
    private const string Zsh = """
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "PS1=; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -D -u
        compadd() { local -a found; builtin compadd -A found \"\$@\"; print -r -- offer:\$^found }
        show() { print; _main_complete; print en''d }
        zle -C show complete-word show; bindkey '^I' show; print rea''dy"
        zpty -r shell said '*ready*'
        for line in "${@:2}"; do
          zpty -n -w shell $'\C-u'$line$'\t'
          zpty -r shell said '*end*'
          print -r -- "line:$line"
          print -r -- $said
        done
        """;

    [Theory]
    [InlineData("src/man/azprovision.8")]
    [InlineData("src/man/azprovision.conf.5")]
    [InlineData("src/man/azprovision-appliance.7")]
    public void Mandoc_finds_nothing_to_complain_about(string page)
    {
        // But how long our lines are, and which pages are installed here.
        string[] own = ["STYLE: input text line longer than", "STYLE: referenced manual not found", "outdated mandoc.db"];
        Tool lint = Tool.Try("mandoc", "-T", "lint", Repository.PathOf(page));
        string[] lines = [.. (lint.Output + lint.Errors).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.Equal([], lines.Where(line => !own.Any(text => line.Contains(text, StringComparison.Ordinal))));
    }

    [Fact]
    public void Zsh_completes_commands_options_and_values()
    {
        (string Line, string[] Offered)[] cases =
        [
            ("azprovision ", ["provision", "check", "clean", "status"]),
            ("azprovision clean --us", ["--user-data", "--user"]),
            ("azprovision --sudo ", ["auto", "nopasswd", "password", "none"]),
            ("azprovision --host-keys=k", ["keep"]),
            ("azprovision --only hostname,s", ["sudo", "ssh-keys", "sshd", "system"]),
            ("azprovision --log kmsg,std", ["stderr"]),
            ("azprovision --resource-disk non", ["none"]),
        ];

        string said = Tool.Run("zsh", ["-f", "-c", Zsh, "zsh", Repository.PathOf("src/completion"), .. cases.Select(@case => @case.Line)]);

        string[] answers = said.Replace("\r", "", StringComparison.Ordinal).Split("line:")[1..];
        Assert.Equal(cases.Length, answers.Length);
        foreach (((string line, string[] offered), string answer) in cases.Zip(answers))
        {
            Assert.StartsWith(line, answer, StringComparison.Ordinal);
            string[] words = [.. answer.Split([' ', '\n']).Where(word => word.StartsWith("offer:", StringComparison.Ordinal))];
            Assert.Equal(offered.Order(), words.Select(word => word["offer:".Length..]).Distinct().Order());
        }
    }
}
