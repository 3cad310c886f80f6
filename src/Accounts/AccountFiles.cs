using System;
using System.Collections.Generic;
using Azprovision.Files;

namespace Azprovision.Accounts;

/// <summary>All account files of a system, to be edited together and written in one order.</summary>
internal sealed class AccountFiles
{
    internal const string PasswdPath = "/etc/passwd";
    internal const string GroupPath = "/etc/group";
    // Where image-based systems have the accounts that come with the image (nss-altfiles).
    private const string VendorPasswdPath = "/usr/lib/passwd";
    private const string VendorGroupPath = "/usr/lib/group";
    private const string ShadowPath = "/etc/shadow";
    private const string GroupShadowPath = "/etc/gshadow";
    private const string UserIdsPath = "/etc/subuid";
    private const string GroupIdsPath = "/etc/subgid";
    private const string Shadowed = "x";

    private static readonly Ownership s_readable = new(0x1A4);   // 0644
    private static readonly Ownership s_secret = new(0x180);   // 0600

    private readonly PlannedRoot _root;

    internal AccountFiles(PlannedRoot root)
    {
        _root = root;
        byte[]? passwd = root.TryReadToEdit(PasswdPath);
        byte[]? shadow = root.TryReadToEdit(ShadowPath);
        Passwd = new PasswdFile(passwd);
        Group = GroupFile.Parse(root.TryReadToEdit(GroupPath));
        VendorPasswd = new PasswdFile(root.TryReadAdvice(VendorPasswdPath));
        VendorGroup = GroupFile.Parse(root.TryReadAdvice(VendorGroupPath));
        // A system without accounts gets the usual pair; one with passwd alone keeps its hashes there.
        Shadow = shadow is not null || passwd is null ? new ShadowFile(shadow) : null;
        GroupShadow = root.TryReadToEdit(GroupShadowPath) is { } groupShadow ? GroupFile.ParseShadow(groupShadow) : null;
        UserIds = root.TryReadAdvice(UserIdsPath) is { } userIds ? new SubordinateIds(userIds) : null;
        GroupIds = root.TryReadAdvice(GroupIdsPath) is { } groupIds ? new SubordinateIds(groupIds) : null;
    }

    internal PasswdFile Passwd { get; }

    internal PasswdFile VendorPasswd { get; }

    internal GroupFile VendorGroup { get; }

    internal ShadowFile? Shadow { get; }

    internal GroupFile Group { get; }

    internal GroupFile? GroupShadow { get; }

    internal SubordinateIds? UserIds { get; }

    internal SubordinateIds? GroupIds { get; }

    /// <summary>What the password field of a passwd line says where shadow has the hash.</summary>
    internal string NewPasswordField => Shadow is null ? "*" : Shadowed;

    /// <summary>The hash that login looks at, or null when there is none.</summary>
    internal string? PasswordOf(string name)
    {
        string? field = Passwd.Find(name)?.Password;
        return Shadow is not null && field is null or Shadowed ? Shadow?.PasswordOf(name) : field;
    }

    internal void SetPassword(string name, string hash, long? day, PasswordAging? aging)
    {
        if (Passwd.Find(name) is null)
        {
            Passwd.Copy(name, VendorPasswd);
        }

        if (Shadow is null)
        {
            Passwd.SetPassword(name, hash);
            return;
        }

        Shadow.SetPassword(name, hash, day, aging);
        if (Passwd.Find(name)?.Password != Shadowed)
        {
            Passwd.SetPassword(name, Shadowed);
        }
    }

    internal PasswdEntry? Find(string name) => Passwd.Find(name) ?? VendorPasswd.Find(name);

    internal uint? GidOf(string group) => Group.GidOf(group) ?? VendorGroup.GidOf(group);

    internal IReadOnlyList<string> GroupsOf(PasswdEntry user) =>
        [.. Group.GroupsOf(user.Name, user.Gid), .. VendorGroup.GroupsOf(user.Name, user.Gid)];

    internal HashSet<uint> Uids() => [.. Passwd.Uids().Keys, .. VendorPasswd.Uids().Keys];

    internal HashSet<uint> Gids() => [.. Group.Gids(), .. VendorGroup.Gids()];

    internal void AddMember(string group, string name)
    {
        if (!Group.Has(group) && VendorGroup.Has(group))
        {
            Group.Copy(group, VendorGroup);   // the line here hides the other one
        }

        Group.AddMember(group, name);
        GroupShadow?.AddMember(group, name);
    }

    /// <summary>Takes a user out of all files; the group of the same name too, if it is the user's.</summary>
    internal void Remove(string name)
    {
        // A removal that was cut short may have taken it out of the one file already.
        if (Passwd.Find(name) is { } entry && (Group.GidOf(name) ?? entry.Gid) == entry.Gid)
        {
            Group.Remove(name);
            GroupShadow?.Remove(name);
        }

        Passwd.Remove(name);
        Shadow?.Remove(name);
        Group.RemoveMember(name);
        GroupShadow?.RemoveMember(name);
        UserIds?.Remove(name);
        GroupIds?.Remove(name);
    }

    /// <summary>
    /// Backups first, then the files, passwd last: wherever a crash falls, an entry there has all that belongs to it. A
    /// backup is NAME-, which is what vipw(8) and usermod(8) make.
    /// </summary>
    internal void Plan()
    {
        (string Path, byte[]? Content, Ownership IfNew)[] files = Contents();
        var old = new List<byte[]?>();
        foreach ((string path, byte[]? content, _) in files)
        {
            byte[]? before = content is null ? null : _root.TryRead(path);
            old.Add(before);
            if (before is not null && !before.AsSpan().SequenceEqual(content))
            {
                _root.Keep(path, path + "-", before);
            }
        }

        for (int i = 0; i < files.Length; i++)
        {
            (string path, byte[]? content, Ownership ifNew) = files[i];
            if (content is null || content.AsSpan().SequenceEqual(old[i]))
            {
                continue;
            }

            if (path is UserIdsPath or GroupIdsPath)
            {
                _root.TryEdit(path, content, ifNew);
            }
            else
            {
                _root.Edit(path, content, ifNew);
            }
        }
    }

    /// <summary>Makes the backups that are there as the files will be, so that they tell nothing of what was.</summary>
    internal void PlanBackups()
    {
        foreach ((string path, byte[]? content, Ownership ifNew) in Contents())
        {
            if (content is not null && _root.TryStatus(path + "-") is not null)
            {
                _root.Edit(path + "-", content, ifNew);
            }
        }
    }

    private (string Path, byte[]? Content, Ownership IfNew)[] Contents() =>
    [
        (GroupPath, Group.ToBytes(), s_readable),
        (GroupShadowPath, GroupShadow?.ToBytes(), s_secret),
        (UserIdsPath, UserIds?.ToBytes(), s_readable),
        (GroupIdsPath, GroupIds?.ToBytes(), s_readable),
        (ShadowPath, Shadow?.ToBytes(), s_secret),
        (PasswdPath, Passwd.ToBytes(), s_readable),
    ];
}
