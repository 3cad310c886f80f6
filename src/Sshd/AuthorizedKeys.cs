using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Sshd;

/// <summary>The step "ssh-keys": the keys in the file that sshd reads for the user, or where the platform says.</summary>
internal static class AuthorizedKeys
{
    private const string DefaultFile = ".ssh/authorized_keys";

    internal static void Plan(PlannedRoot root, Account account, IReadOnlyList<AuthorizedKey> keys, Log log)
    {
        if (keys.Count == 0)
        {
            return;
        }

        RequireHome(account);
        SshdLine? line = Line(root, account);
        string usual = FindUsualPath(line, account, log.Warning);
        var byPath = new List<(string Path, List<SshPublicKey> Keys)>();
        foreach (AuthorizedKey key in keys)
        {
            string path = key.Path is null ? usual : ChoosePath(account, key.Path, usual, log);
            Add(byPath, path, key.Key);
            if (!IsRead(line, account, path))
            {
                Add(byPath, usual, key.Key);   // a wish for another place does not make sshd look there
            }
        }

        foreach ((string path, List<SshPublicKey> some) in byPath)
        {
            Plan(root, account, path, some);
        }
    }

    private static void Add(List<(string Path, List<SshPublicKey> Keys)> byPath, string path, SshPublicKey key)
    {
        int index = byPath.FindIndex(item => item.Path == path);
        if (index < 0)
        {
            index = byPath.Count;
            byPath.Add((path, []));
        }

        byPath[index].Keys.Add(key);
    }

    /// <summary>Why sshd may not read the user's file where it is; null: nothing speaks against it.</summary>
    internal static string? WhyUnread(PlannedRoot root, Account account)
    {
        SshdConfig? config = SshdConfig.TryRead(root);
        bool isStrict = config?.First("StrictModes")?.Says("no") != true;
        return KeyFilePath.WhyUnread(root, account, FindUsualPath(Line(root, account), account, _ => { }), isStrict);
    }

    /// <summary>Whether sshd finds a key for the account as it is.</summary>
    internal static bool HasKey(PlannedRoot root, Account account)
    {
        foreach (string pattern in Line(root, account)?.Arguments ?? [DefaultFile])
        {
            if (root.TryReadAdvice(Expand(pattern, account)) is { } content && new AuthorizedKeysFile(content).HasKey)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>AuthorizedKeysFile of sshd_config(5) with its tokens filled in; a relative path begins at the home.</summary>
    internal static string Expand(string pattern, Account account)
    {
        var path = new StringBuilder();
        for (int i = 0; i < pattern.Length; i++)
        {
            char token = pattern[i] == '%' && i + 1 < pattern.Length ? pattern[++i] : '\0';
            path.Append(token switch
            {
                '\0' => pattern[i].ToString(),
                '%' => "%",
                'h' => account.Home,
                'u' => account.Name,
                'U' => account.Uid.ToString(CultureInfo.InvariantCulture),
                _ => $"%{token}",
            });
        }

        string expanded = path.ToString();
        return WithoutDots(expanded.StartsWith('/') ? expanded : $"{account.Home}/{expanded}");
    }

    // Whether a path is below the home is read off its text.
    private static string WithoutDots(string path)
    {
        var components = new List<string>();
        foreach (string component in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (component == ".." && components.Count > 0)
            {
                components.RemoveAt(components.Count - 1);
            }
            else if (component is not ("." or ".."))
            {
                components.Add(component);
            }
        }

        return "/" + string.Join('/', components);
    }

    private static SshdLine? Line(PlannedRoot root, Account account) => SshdConfig.TryRead(root) is { } config
        ? new SshdLogin(config, account.Name, account.Groups).Decisive(SshdLogin.KeysFile)
        : null;

    private static bool IsRead(SshdLine? line, Account account, string path)
    {
        foreach (string pattern in line?.Arguments ?? [DefaultFile])
        {
            if (Expand(pattern, account) == path)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The file that sshd reads: the user's own, where there is one beside those that are read for all users.</summary>
    private static string FindUsualPath(SshdLine? line, Account account, Action<string> warn)
    {
        string? shared = null;
        foreach (string pattern in line?.Arguments ?? [DefaultFile])
        {
            string path = Expand(pattern, account);
            if (!IsSound(path))
            {
                warn($"'{line?.Path}' line {line?.Index + 1}: the path '{Printable.Of(pattern)}' cannot be used");
            }
            else if (!pattern.StartsWith('/') || pattern.Contains("%u", StringComparison.OrdinalIgnoreCase))
            {
                if (!pattern.Equals("none", StringComparison.OrdinalIgnoreCase))
                {
                    return path;
                }
            }
            else
            {
                shared ??= path;
            }
        }

        if (shared is null)
        {
            return Expand(DefaultFile, account);
        }

        warn($"sshd reads '{Printable.Of(shared)}' for all users: whoever has a key of '{account.Name}' can be any of them");
        return shared;
    }

    // The platform names /home/NAME/.ssh/authorized_keys, or with $HOME, whatever the image has: that is no wish.
    private static string ChoosePath(Account account, string wanted, string usual, Log log)
    {
        const string Home = "$HOME/";
        string path = wanted;
        if (path.StartsWith(Home, StringComparison.Ordinal))
        {
            string rest = path[Home.Length..];
            path = rest.StartsWith($"{account.Name}/", StringComparison.Ordinal)
                ? $"{account.Home[..account.Home.LastIndexOf('/')]}/{rest}"
                : $"{account.Home}/{rest}";
        }

        if (path == $"{account.Home}/{DefaultFile}" || path == $"/home/{account.Name}/{DefaultFile}")
        {
            return usual;
        }

        if (IsSound(path))
        {
            return path;
        }

        log.Warning($"the path '{Printable.Of(wanted)}' for an SSH key cannot be used, taking '{usual}'");
        return usual;
    }

    private static bool IsSound(string path)
    {
        if (!path.StartsWith('/') || path.EndsWith('/') || path.AsSpan().ContainsAnyInRange('\0', '\x1f'))
        {
            return false;
        }

        foreach (string component in path.Split('/'))
        {
            if (component is "." or ".." || component.Length > 255)
            {
                return false;
            }
        }

        return path.Length < 4096;
    }

    private static void Plan(PlannedRoot root, Account account, string path, List<SshPublicKey> keys)
    {
        string home = account.Home.TrimEnd('/') + "/";
        bool isInHome = home.Length > 1 && path.StartsWith(home, StringComparison.Ordinal);
        string directory = path[..path.LastIndexOf('/')];
        // Elsewhere root made the directories and may have linked them; the file itself must be one.
        string noLinksBelow = isInHome ? account.Home : directory;
        var file = new AuthorizedKeysFile(root.TryRead(path, noLinksBelow));
        FileStatus? there = root.TryStatus(path, noLinksBelow);
        if (!isInHome && file.FirstForeignLine is { } line)
        {
            throw new ProvisioningException(
                Failure.SshKeys,
                $"'{Printable.Of(path)}' holds no SSH keys on line {line + 1}, so that none is added to it");
        }

        if (!isInHome && there is { Uid: not 0 } status && status.Uid != account.Uid)
        {
            throw new ProvisioningException(
                Failure.SshKeys, $"'{Printable.Of(path)}' belongs to another user (id {status.Uid}), so that no key is added to it");
        }

        foreach (SshPublicKey key in keys)
        {
            file.Add(key);
        }

        for (int slash = home.Length; isInHome && (slash = path.IndexOf('/', slash)) > 0; slash++)
        {
            root.Directory(path[..slash], new Ownership(0x1C0, account.Uid, account.Gid), account.Home);   // 0700
        }

        bool isRoots = !isInHome && there is { Uid: 0 } && account.Uid != 0;
        Ownership ownership = isRoots ? Ownership.Of(there!.Value) : new Ownership(0x180, account.Uid, account.Gid);   // 0600
        root.Write(path, file.ToBytes(), ownership, noLinksBelow);
    }

    internal static void RequireHome(Account account)
    {
        if (!account.Home.StartsWith('/'))
        {
            throw new ProvisioningException(
                Failure.SshKeys,
                $"user '{account.Name}': the home directory '{Printable.Of(account.Home)}' is not an absolute path");
        }
    }
}
