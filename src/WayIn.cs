using System;
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
        using var root = new PlannedRoot(host.Files);
        try
        {
            bool isThere = new PasswdFile(root.TryReadAdvice(AccountFiles.PasswdPath)).Find(name) is not null;
            if (!isThere && spec.User.Keys.Count > 0)
            {
                return null;
            }

            var accounts = new AccountFiles(root);
            PasswdEntry? user = accounts.Find(name);
            if (user is not null && UserAccount.WhySystem(user, LoginDefs.Read(root)) is not null)
            {
                return null;   // which is refused for that
            }

            bool takesPasswords = spec.SshPasswordAuthentication != false || SerialConsole.TakesLogins(root, host.Kernel);
            if (user is not null && UserAccount.WhyClosed(accounts, user, host.Time) is { } closed)
            {
                return SomebodyElseCan(root, accounts, name, takesPasswords)
                    ? null
                    : $"nobody could log in: user '{name}' of the image can nowhere, as {closed}";
            }

            bool keepsPassword = KeepsPassword(spec);
            if (spec.User.Keys.Count > 0
                || (hasPassword && takesPasswords)
                || (user is not null && KeepsItsOwn(root, accounts, user, keepsPassword && takesPasswords)))
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

    private bool SomebodyElseCan(PlannedRoot root, AccountFiles accounts, string name, bool takesPasswords)
    {
        foreach (PasswdEntry entry in accounts.Passwd.Entries())
        {
            if (entry.Name != name
                && UserAccount.WhyClosed(accounts, entry, host.Time) is null
                && KeepsItsOwn(root, accounts, entry, takesPasswords))
            {
                return true;
            }
        }

        return false;
    }

    // A user of the image, with a key or a password that is left alone.
    private static bool KeepsItsOwn(PlannedRoot root, AccountFiles accounts, PasswdEntry entry, bool canUsePassword)
    {
        bool hasPassword = canUsePassword && UserAccount.CanBeTyped(accounts.PasswordOf(entry.Name));
        return hasPassword || AuthorizedKeys.HasKey(root, new Account(
            entry.Name, entry.Uid, entry.Gid, entry.Home, entry.Shell, IsNew: false, HasPassword: false));
    }
}
