using System;
using System.Collections.Generic;
using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Sshd;

/// <summary>What the configuration of sshd has against the logins of one user (sshd_config(5)).</summary>
internal sealed class SshdLogin(SshdConfig config, string user, IReadOnlyList<string> groups)
{
    internal const string Methods = "AuthenticationMethods";
    internal const string Pubkey = "PubkeyAuthentication";
    internal const string KeysFile = "AuthorizedKeysFile";
    private const string Password = "PasswordAuthentication";
    private const string Kbd = "KbdInteractiveAuthentication";

    /// <summary>
    /// The line that decides on a keyword for the user: the first one below a Match that is for them whatever the connection,
    /// else the one that counts for everybody.
    /// </summary>
    internal SshdLine? Decisive(string keyword) =>
        LinesOf(keyword).Find(line => (line.Match is not null || line.Overrides) && AppliesTo(line) == true)
            ?? LinesOf(keyword).Find(line => line.Match is null);

    /// <summary>Why the user may not log in at all; null: nothing says so.</summary>
    internal SshdDoubt? AboutUser() =>
        Denied("DenyUsers") ?? Denied("DenyGroups") ?? NotAllowed("AllowUsers") ?? NotAllowed("AllowGroups");

    /// <summary>Why a key may not let the user in; null: nothing says so.</summary>
    /// <param name="hasPassword">they have a password as well</param>
    internal SshdDoubt? AboutKeys(bool hasPassword)
    {
        if (Saying(Pubkey, "no") is { } no)
        {
            return new SshdDoubt(no, $"{Pubkey} is 'no'", IsCertain(no, Pubkey));
        }

        if (Saying(KeysFile, "none") is { } none)
        {
            bool hasOthers = Decisive("AuthorizedKeysCommand") is not null || Decisive("TrustedUserCAKeys") is not null;
            return new SshdDoubt(none, "sshd is told to read no authorized_keys file", !hasOthers && IsCertain(none, KeysFile));
        }

        return Possible(KeysFile) is { } other
            ? new SshdDoubt(other, $"{KeysFile} is another for some connections", IsCertain: false)
            : AboutMethods(hasKey: true, hasPassword);
    }

    /// <summary>Why a password may not let the user in; null: nothing says so.</summary>
    internal SshdDoubt? AboutPassword()
    {
        SshdLine? kbd = Saying(Kbd, "no");   // without PAM this way is none
        bool hasPam = config.First("UsePAM") is { } pam && pam.Says("yes");
        if (Saying(Password, "no") is not { } no || (kbd is null && hasPam))
        {
            return AboutMethods(hasKey: false, hasPassword: true);
        }

        bool isCertain = kbd is not null && IsCertain(kbd, Kbd) && IsCertain(no, Password);
        return new SshdDoubt(no, $"{Password} is 'no'", isCertain);
    }

    /// <summary>Whether every list of AuthenticationMethods asks for something that is not there.</summary>
    internal static bool AsksForMore(SshdLine methods, bool hasKey, bool hasPassword)
    {
        bool isMet = methods.Arguments.Count == 0;
        foreach (string list in methods.Arguments)
        {
            bool hasAll = true;
            foreach (string method in list.ToLowerInvariant().Split(','))
            {
                hasAll &= method.Split(':')[0] switch
                {
                    "publickey" => hasKey,
                    "password" or "keyboard-interactive" => hasPassword,
                    _ => method == "any",
                };
            }

            isMet |= hasAll;
        }

        return !isMet;
    }

    private SshdDoubt? Denied(string keyword)
    {
        foreach (SshdLine line in LinesOf(keyword))
        {
            foreach (string pattern in AppliesTo(line) == false ? [] : line.Arguments)
            {
                if (IsNamed(pattern, keyword))
                {
                    bool isCertain = line.Match is null && keyword == "DenyUsers" && !pattern.Contains('@');
                    return new SshdDoubt(line, $"{keyword} names '{pattern}'", isCertain);
                }
            }
        }

        return null;
    }

    // All lines of a keyword count together. A group may be known elsewhere than in /etc/group.
    private SshdDoubt? NotAllowed(string keyword)
    {
        SshdLine? first = null;
        bool isCertain = keyword == "AllowUsers";
        foreach (SshdLine line in LinesOf(keyword))
        {
            if (AppliesTo(line) == false)
            {
                continue;
            }

            first ??= line;
            isCertain &= line.Match is null;
            foreach (string pattern in line.Arguments)
            {
                isCertain &= !pattern.StartsWith('!');
                if (IsNamed(pattern, keyword))
                {
                    return null;
                }
            }
        }

        return first is null ? null : new SshdDoubt(first, $"{keyword} does not name '{user}'", isCertain);
    }

    private bool IsNamed(string pattern, string keyword)
    {
        foreach (string name in keyword.EndsWith("Groups", StringComparison.Ordinal) ? groups : [user])
        {
            if (Glob.MatchesName(pattern.Split('@')[0], name))
            {
                return true;
            }
        }

        return false;
    }

    private SshdDoubt? AboutMethods(bool hasKey, bool hasPassword)
    {
        SshdLine? line = Possible(Methods) is { } possible && AsksForMore(possible, hasKey, hasPassword) ? possible : Decisive(Methods);
        return line is not null && AsksForMore(line, hasKey, hasPassword)
            ? new SshdDoubt(line, $"{Methods} asks for more than '{user}' has", IsCertain: false)
            : null;
    }

    // What is said for the user, or else for some of their connections.
    private SshdLine? Saying(string keyword, string value) =>
        Decisive(keyword) is { } line && line.Says(value) ? line
        : Possible(keyword) is { } possible && possible.Says(value) ? possible
        : null;

    private bool IsCertain(SshdLine line, string keyword) => Possible(keyword) is null && AppliesTo(line) == true;

    /// <summary>The first line of a keyword below a Match that goes by the connection.</summary>
    private SshdLine? Possible(string keyword) => LinesOf(keyword).Find(line => AppliesTo(line) is null);

    // Since 2021 (OpenSSH 8.7) the two names of one of them are the same for sshd.
    private List<SshdLine> LinesOf(string keyword)
    {
        string canonical = SshdConfigText.Canonical(keyword);
        string other = keyword == Kbd ? SshdConfigText.Canonical(SshdSettings.OldName) : canonical;
        return config.Everywhere.FindAll(line => line.Keyword == canonical || line.Keyword == other);
    }

    /// <summary>Whether a line counts for the user; null: that depends on the connection.</summary>
    private bool? AppliesTo(SshdLine line)
    {
        bool? applies = true;
        IReadOnlyList<string> criteria = line.Match ?? [];
        for (int i = 0; i < criteria.Count; i += 2)
        {
            string criterion = criteria[i].ToLowerInvariant();
            bool? one = criterion == "all" ? true
                : i + 1 == criteria.Count ? null
                : criterion == "user" ? Names(criteria[i + 1], user) == true
                : criterion == "group" ? IsInGroupOf(criteria[i + 1]) == true
                : null;
            i -= criterion == "all" ? 1 : 0;
            if (one == false)
            {
                return false;
            }

            applies = one is null ? null : applies;
        }

        return applies;
    }

    private bool? IsInGroupOf(string list)
    {
        bool? isIn = false;
        foreach (string group in groups)
        {
            if (Names(list, group) is not { } isNamed)
            {
                return null;
            }

            isIn |= isNamed;
        }

        return isIn;
    }

    /// <summary>Whether a list of patterns (ssh_config(5), PATTERNS) names this; null: it rules this out by "!".</summary>
    private static bool? Names(string list, string name)
    {
        bool isNamed = false;
        foreach (string pattern in list.Split(','))
        {
            bool rulesOut = pattern.StartsWith('!');
            if (Glob.MatchesName(rulesOut ? pattern[1..] : pattern, name))
            {
                if (rulesOut)
                {
                    return null;
                }

                isNamed = true;
            }
        }

        return isNamed;
    }
}

/// <summary>A line of sshd's configuration that may keep a user out.</summary>
/// <param name="IsCertain">it does, whatever the connection</param>
internal sealed record SshdDoubt(SshdLine Line, string Why, bool IsCertain)
{
    public override string ToString() => $"'{Printable.Of(Line.Path)}' line {Line.Index + 1}: {Why}";
}
