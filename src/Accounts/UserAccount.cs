using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Accounts;

/// <summary>The steps "user" and "password": an account with its groups, home directory and password.</summary>
internal static class UserAccount
{
    private const string NoPassword = "*";   // matches nothing; with "!" sshd without PAM would refuse keys too
    private const uint FirstLoginId = 500;
    private const string NotHashed = "$6$";   // stands for the hash in a dry run

    internal static Account Plan(PlannedRoot root, UserSpec user, AccountOptions options, TimeProvider time, Log log)
    {
        string name = user.Name.Text;
        var accounts = new AccountFiles(root);
        var defs = LoginDefs.Read(root);
        UserDefaults defaults = UserDefaults.Parse(root.TryReadAdviceOrVendors("default/useradd"));

        PasswdEntry? existing = accounts.Find(name);
        Check(existing, name, options, defs);
        if (existing is not null && WhyClosed(accounts, existing, time) is { } why)
        {
            log.Warning($"user '{name}' can log in nowhere: {why}");
        }
        else if (existing is { Shell.Length: > 0 } && root.TryStatus(existing.Shell) is null)
        {
            log.Warning(
                $"user '{name}' has the login shell '{Printable.Of(existing.Shell)}', which is not there: sshd lets nobody in without it");
        }

        PasswdEntry entry = existing ?? Add(accounts, NewEntry(root, accounts, user, defs, defaults), defs, log);
        if (options.MakesUser)
        {
            AddToGroups(accounts, entry, options.Groups, log);
            HomeDirectory.Plan(root, entry, existing is null, defs.HomeMode, defaults.Skeleton);
        }

        string? old = accounts.PasswordOf(name);
        string? hash = NewHash(user, options, existing is null, old, time);
        if (hash is not null)
        {
            // With "*" there is nothing that could age, and PAM would still ask for a new password when it is too old.
            bool ages = CanBeTyped(hash) && Today(time) is not null;
            PasswordAging? aging = ages ? defs.Aging with { InactiveDays = defaults.InactiveDays } : null;
            accounts.SetPassword(name, hash, Today(time), aging);
        }

        if (user.Keys.Count > 0 && (hash ?? old) is ['!', ..])
        {
            log.Warning($"the password of user '{name}' is locked with '!': an sshd without PAM refuses keys too");
        }

        accounts.Plan();
        return new Account(
            name, entry.Uid, entry.Gid, entry.Home, entry.Shell, existing is null, CanBeTyped(hash ?? old))
        {
            Group = accounts.Group.NameOf(entry.Gid) ?? accounts.VendorGroup.NameOf(entry.Gid),
            PasswordHash = (hash ?? old) is { } field ? new Secret(Encoding.Latin1.GetBytes(field)) : null,
            Groups = accounts.GroupsOf(entry),
        };
    }

    /// <summary>Why an account lets nobody in, whatever key or password they have; null: it does not say so.</summary>
    internal static string? WhyClosed(AccountFiles accounts, PasswdEntry entry, TimeProvider time) =>
        !entry.HasLoginShell ? $"the login shell is '{Printable.Of(entry.Shell)}'"
        : accounts.Shadow?.ExpiryOf(entry.Name) is { } day && Today(time) >= day ? "the account has expired (shadow(5))"
        : null;

    /// <summary>Why an account is the system's own, which the platform may not name; null: it is a person's.</summary>
    internal static string? WhySystem(PasswdEntry entry, LoginDefs defs)
    {
        // Images had their login account between 500 and 999 when that was where they began.
        bool isOfOld = entry.Uid >= FirstLoginId && entry.HasLoginShell;
        return entry.Uid > defs.UidMax ? $"its id {entry.Uid} is above {defs.UidMax}"
            : entry.Uid < defs.UidMin && !isOfOld ? $"its id {entry.Uid} is below {defs.UidMin}"
            : null;
    }

    /// <summary>The lowest id that is free as user and as group; a group that has the user's name already decides.</summary>
    /// <param name="gid">that group's</param>
    internal static (uint Uid, uint Gid) ChooseIds(
        string name, HashSet<uint> uids, HashSet<uint> gids, uint? gid, uint min, uint max)
    {
        // The group may be what a run that was killed has left: the same ids then come out again.
        if (gid is { } same && same >= min && same <= max && !uids.Contains(same))
        {
            return (same, same);
        }

        for (uint id = min; id <= max && id < uint.MaxValue; id++)
        {
            if (!uids.Contains(id) && !gids.Contains(id))
            {
                return (id, gid ?? id);
            }
        }

        throw new ProvisioningException(Failure.User, $"user '{name}': no id from {min} to {max} is free");
    }

    private static void Check(PasswdEntry? existing, string name, AccountOptions options, LoginDefs defs)
    {
        if (existing is null && !options.MakesUser)
        {
            throw new ProvisioningException(
                Failure.User, $"user '{name}' is not in '{AccountFiles.PasswdPath}', and the step 'user' is left out");
        }

        if (existing is not null && WhySystem(existing, defs) is { } why)
        {
            throw new ProvisioningException(Failure.User, $"user '{name}' is a system account: {why}");
        }
    }

    private static PasswdEntry NewEntry(
        PlannedRoot root, AccountFiles accounts, UserSpec user, LoginDefs defs, UserDefaults defaults)
    {
        string name = user.Name.Text;
        HashSet<uint> uids = accounts.Uids();
        (uint uid, uint gid) = ChooseIds(name, uids, accounts.Gids(), accounts.GidOf(name), defs.UidMin, defs.UidMax);
        if (user.Recorded is { } recorded && !uids.Contains(recorded.Uid))
        {
            // An image that is newer than the record may have another group under the id, with rights that were not given.
            uid = recorded.Uid;
            gid = accounts.GidOf(recorded.Group) ?? (accounts.Gids().Contains(recorded.Gid) ? gid : recorded.Gid);
        }

        if (user.Recorded is null && !defs.HasUserGroups && defaults.Group is { } common)
        {
            bool isId = AccountLines.TryParseId(common, out uint id) && accounts.Gids().Contains(id);
            gid = isId ? id : accounts.GidOf(common) ?? gid;
        }

        string home = $"{defaults.HomeBase.TrimEnd('/')}/{name}";
        CheckHomeOwner(root, accounts.Passwd, name, home);
        return new PasswdEntry(name, accounts.NewPasswordField, uid, gid, home, ChooseShell(root, defaults.Shell));
    }

    private static PasswdEntry Add(AccountFiles accounts, PasswdEntry entry, LoginDefs defs, Log log)
    {
        accounts.Passwd.Add(entry);
        if (accounts.Shadow?.ExpiryOf(entry.Name) is not null)
        {
            accounts.Shadow.Remove(entry.Name);   // of a user who is gone; a run that was killed leaves a line without expiry
        }

        if (!accounts.Gids().Contains(entry.Gid))
        {
            accounts.Group.Add(entry.Name, entry.Gid);
        }

        bool hasOwnGroup = accounts.Group.GidOf(entry.Name) == entry.Gid;
        if (hasOwnGroup && accounts.GroupShadow is { } shadow && !shadow.Has(entry.Name))
        {
            shadow.Add(entry.Name, entry.Gid);
        }

        bool hasUids = accounts.UserIds?.TryAdd(entry.Name, defs.SubordinateUids) ?? true;
        bool hasGids = accounts.GroupIds?.TryAdd(entry.Name, defs.SubordinateGids) ?? true;
        if (!hasUids || !hasGids)
        {
            log.Warning($"no range of subordinate ids is free for '{entry.Name}', going on without");
        }

        return entry;
    }

    private static void AddToGroups(AccountFiles accounts, PasswdEntry entry, IReadOnlyList<string> groups, Log log)
    {
        foreach (string group in groups)
        {
            uint? gid = accounts.GidOf(group);
            if (gid is null)
            {
                log.Warning($"group '{Printable.Of(group)}' is not in '{AccountFiles.GroupPath}', skipping it");
            }
            else if (gid != entry.Gid)
            {
                accounts.AddMember(group, entry.Name);
            }
        }
    }

    private static string ChooseShell(PlannedRoot root, string? wanted)
    {
        const string Fallback = "/bin/sh";
        const string Usual = "/bin/bash";
        return wanted is not null && root.TryStatus(wanted) is not null ? wanted
            : root.TryStatus(Usual) is not null ? Usual
            : Fallback;
    }

    // A directory may be left from a user who is gone, but nobody who is there must lose one.
    private static void CheckHomeOwner(PlannedRoot root, PasswdFile passwd, string name, string home)
    {
        if (root.TryStatus(home) is { Uid: not 0 } status && passwd.Uids().TryGetValue(status.Uid, out string? owner))
        {
            throw new ProvisioningException(
                Failure.User, $"user '{name}': the home directory '{home}' belongs to '{Printable.Of(owner)}'");
        }
    }

    /// <summary>The new password field, or null when it stays as it is.</summary>
    private static string? NewHash(UserSpec user, AccountOptions options, bool isNew, string? old, TimeProvider time)
    {
        if (!options.SetsPassword)
        {
            return isNew ? NoPassword : Unlocked(user, old);
        }

        if (user.Recorded?.PasswordHash is { } recorded)
        {
            return Encoding.Latin1.GetString(recorded.Reveal());
        }

        if (user.KeepsPassword || user.Recorded is not null)
        {
            return old is null || isNew ? NoPassword : Unlocked(user, old);
        }

        if (user.Password is not { } password)
        {
            return NoPassword;
        }

        if (options.IsDryRun)
        {
            return NotHashed;
        }

        if (old is not null && Sha512Crypt.Matches(password.Reveal(), old))
        {
            return old;
        }

        try
        {
            return Sha512Crypt.Hash(password.Reveal(), Salt.Make(time));
        }
        catch (IOException e)
        {
            throw new ProvisioningException(Failure.Password, $"no random salt for the password: {e.Message}", e);
        }
    }

    // A lock on a password that nobody has means nothing but that a key is refused too.
    private static string? Unlocked(UserSpec user, string? old) =>
        user.Keys.Count > 0 && old is ['!', ..] && old.AsSpan().Trim("!*").IsEmpty ? NoPassword : null;

    internal static bool CanBeTyped(string? hash) => hash is not (null or "" or "x") && hash[0] is not ('*' or '!');

    // A clock that was never set would say 0, which shadow(5) defines as "must be changed now".
    private static long? Today(TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        return now.Year < 2020 ? null : now.ToUnixTimeSeconds() / (24 * 60 * 60);
    }
}

/// <summary>Which of the two steps "user" and "password" are to be done, and how.</summary>
/// <param name="Groups">supplementary groups by name</param>
/// <param name="IsDryRun">nothing is hashed</param>
internal sealed record AccountOptions(
    bool MakesUser, bool SetsPassword, IReadOnlyList<string> Groups, bool IsDryRun);
