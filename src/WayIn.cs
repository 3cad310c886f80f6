using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Accounts;
using Azprovision.Configuration;
using Azprovision.Files;
using Azprovision.Run;
using Azprovision.Settings;
using Azprovision.Spec;
using Azprovision.Sshd;

namespace Azprovision;

/// <summary>
/// Whether anybody could log in to the machine that was settled. Ready for one that locks its owner out helps nobody:
/// better a deployment that fails with a reason.
/// </summary>
internal sealed class WayIn(Host host, Options options)
{
    /// <summary>Why nobody could; null when somebody can, or nobody asked for it.</summary>
    internal string? WhyNone(MachineSpec spec)
    {
        if (!IsAskedFor(spec))
        {
            return null;
        }

        bool hasPassword = spec.User.Password is not null && options.Steps.HasFlag(Steps.Password);
        string name = spec.User.Name.Text;
        string? refusal = null;
        using var root = new PlannedRoot(host.Files);
        try
        {
            var accounts = new AccountFiles(root);
            PasswdEntry? user = accounts.Find(name);
            if (user is not null && UserAccount.WhySystem(user, LoginDefs.Read(root)) is not null)
            {
                return null;   // which is refused for that
            }

            SshdConfig? config = ConfigToBe(root, spec);
            bool hasConsole = SerialConsole.TakesLogins(root, host.Kernel);
            bool takesPasswords = spec.SshPasswordAuthentication != false;
            if (user is not null && UserAccount.WhyClosed(accounts, user, host.Time) is { } closed)
            {
                return SomebodyElseCan(root, accounts, name, config, hasConsole, takesPasswords)
                    ? null
                    : $"nobody could log in: user '{name}' of the image can nowhere, as {closed}";
            }

            IReadOnlyList<string> groups = user is null ? [name, .. options.Groups] : [.. accounts.GroupsOf(user), .. options.Groups];
            SshdLogin? login = config is null ? null : new SshdLogin(config, name, groups);
            hasPassword |= user is not null && KeepsPassword(spec) && UserAccount.CanBeTyped(accounts.PasswordOf(name));
            bool hasKey = spec.User.Keys.Count > 0
                || (user is not null && AuthorizedKeys.HasKey(root, AccountOf(accounts, user)));
            if ((hasPassword && hasConsole)
                || IsLetIn(login, hasKey, hasPassword && takesPasswords, ref refusal)
                || (refusal is not null && SomebodyElseCan(root, accounts, name, config, hasConsole, takesPasswords)))
            {
                return null;
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            host.Log.Debug($"what user '{name}' has to log in with is not known: {e.Message}");
            if (spec.User.Keys.Count > 0)
            {
                return null;
            }
        }

        if (refusal is not null)
        {
            return $"nobody could log in: {refusal}";
        }

        return spec.UnknownKey is not null
            ? $"nobody could log in: {spec.UnknownKey}"
            : hasPassword
                ? "nobody could log in: there is no SSH key, and neither sshd nor a serial console takes the password"
                : "nobody could log in: there is neither an SSH key that sshd takes nor a password";
    }

    /// <summary>Whether sshd is all there is: the user has no password that can be typed at a console.</summary>
    internal bool IsSshAlone(MachineSpec spec)
    {
        using var root = new PlannedRoot(host.Files);
        if (!IsAskedFor(spec))
        {
            return false;
        }

        bool hasPassword = (spec.User.Password is not null && options.Steps.HasFlag(Steps.Password))
            || (KeepsPassword(spec) && UserAccount.CanBeTyped(new AccountFiles(root).PasswordOf(spec.User.Name.Text)));
        return !hasPassword || !SerialConsole.TakesLogins(root, host.Kernel);
    }

    /// <summary>Refuses a machine that nobody could log in to.</summary>
    internal void Require(MachineSpec spec)
    {
        if (WhyNone(spec) is not { } why)
        {
            return;
        }

        if (!options.LeavesImdsOut)
        {
            throw new ProvisioningException(Failure.SshKeys, why);
        }

        host.Log.Warning($"{why}; IMDS, which may know better, is only asked by a dry run whose command line names --imds");
    }

    private bool IsAskedFor(MachineSpec spec) => !options.AllowNoLogin
        && options.Steps.HasFlag(Steps.SshKeys)
        && spec.PreprovisionedVm == PreprovisionedVmType.None;   // else its owner and what is theirs come later

    private bool KeepsPassword(MachineSpec spec) => spec.User.KeepsPassword || !options.Steps.HasFlag(Steps.Password);

    /// <summary>What may keep the user out though sshd is given all that they need; null: nothing is seen.</summary>
    /// <param name="root">with everything planned</param>
    internal string? WhyDoubtful(PlannedRoot root, MachineSpec spec, Account account)
    {
        if (!IsAskedFor(spec))
        {
            return null;
        }

        SshdLogin? login = SshdConfig.TryRead(root) is { } config ? new SshdLogin(config, account.Name, account.Groups) : null;
        if (login?.AboutUser() is { } user)
        {
            return user.ToString();
        }

        bool hasPassword = account.HasPassword && spec.SshPasswordAuthentication != false;
        return spec.User.Keys.Count > 0
            ? login?.AboutKeys(hasPassword)?.ToString() ?? AuthorizedKeys.WhyUnread(root, account) ?? WhyTooOld(spec.User.Keys)
            : hasPassword ? login?.AboutPassword()?.ToString()
            : null;
    }

    private static string? WhyTooOld(IReadOnlyList<AuthorizedKey> keys)
    {
        foreach (AuthorizedKey key in keys)
        {
            if (key.Key.Type != "ssh-dss")
            {
                return null;
            }
        }

        return "OpenSSH 7.0 and later takes keys of type 'ssh-dss' only if it is told to";
    }

    /// <summary>As the step "sshd" will leave it; null: there is no OpenSSH server.</summary>
    private SshdConfig? ConfigToBe(PlannedRoot root, MachineSpec spec)
    {
        try
        {
            if (options.Steps.HasFlag(Steps.Sshd))
            {
                SshdSettings.Plan(root, spec.SshPasswordAuthentication);
            }
        }
        catch (Exception e) when (e is IOException or ProvisioningException)
        {
            host.Log.Debug($"how sshd will be set up is not known: {e.Message}");   // the step itself will fail
        }

        return SshdConfig.TryRead(root);
    }

    /// <summary>
    /// Whether sshd lets a user in by what they have, as far as that is certain: a machine that can be reached is not lost.
    /// </summary>
    /// <param name="login">null: there is no OpenSSH server, whose configuration would say so</param>
    /// <param name="refusal">why not, if it is the configuration that does not</param>
    private static bool IsLetIn(SshdLogin? login, bool hasKey, bool hasPassword, ref string? refusal)
    {
        SshdDoubt? user = login?.AboutUser();
        SshdDoubt? key = user is { IsCertain: true } ? user : login?.AboutKeys(hasPassword);
        SshdDoubt? password = user is { IsCertain: true } ? user : login?.AboutPassword();
        if ((hasKey && key is not { IsCertain: true }) || (hasPassword && password is not { IsCertain: true }))
        {
            return true;
        }

        refusal ??= hasKey ? key?.ToString() : hasPassword ? password?.ToString() : null;
        return false;
    }

    private bool SomebodyElseCan(
        PlannedRoot root, AccountFiles accounts, string name, SshdConfig? config, bool hasConsole, bool takesPasswords)
    {
        foreach (PasswdEntry entry in accounts.Passwd.Entries())
        {
            if (entry.Name == name || UserAccount.WhyClosed(accounts, entry, host.Time) is not null)
            {
                continue;
            }

            string? refusal = null;
            SshdLogin? login = config is null ? null : new SshdLogin(config, entry.Name, accounts.GroupsOf(entry));
            bool hasPassword = UserAccount.CanBeTyped(accounts.PasswordOf(entry.Name));
            bool hasKey = AuthorizedKeys.HasKey(root, AccountOf(accounts, entry));
            if ((hasPassword && hasConsole) || IsLetIn(login, hasKey, hasPassword && takesPasswords, ref refusal))
            {
                return true;
            }
        }

        return false;
    }

    private static Account AccountOf(AccountFiles accounts, PasswdEntry entry) =>
        new(entry.Name, entry.Uid, entry.Gid, entry.Home, entry.Shell, IsNew: false, HasPassword: false)
        {
            Groups = accounts.GroupsOf(entry),
        };
}
