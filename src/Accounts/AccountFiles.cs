using System.Collections.Generic;
using Azprovision.Files;

namespace Azprovision.Accounts;

/// <summary>All account files of a system, to be edited together and written in one order.</summary>
internal sealed class AccountFiles
{
    internal const string PasswdPath = "/etc/passwd";
    internal const string GroupPath = "/etc/group";
    private const string Shadowed = "x";

    private readonly AccountFile _passwd;
    private readonly AccountFile _shadow;
    private readonly AccountFile _group;
    private readonly AccountFile _groupShadow;
    private readonly AccountFile _userIds;
    private readonly AccountFile _groupIds;

    private AccountFiles(SystemRoot files, bool isDryRun)
    {
        var readable = new Ownership(0x1A4);   // 0644
        var secret = new Ownership(0x180);   // 0600
        _passwd = AccountFile.Read(files, PasswdPath, readable, isDryRun);
        _shadow = AccountFile.Read(files, "/etc/shadow", secret, isDryRun);
        _group = AccountFile.Read(files, GroupPath, readable, isDryRun);
        _groupShadow = AccountFile.Read(files, "/etc/gshadow", secret, isDryRun);
        _userIds = AccountFile.Read(files, "/etc/subuid", readable, isDryRun);
        _groupIds = AccountFile.Read(files, "/etc/subgid", readable, isDryRun);

        Passwd = new PasswdFile(_passwd.Old);
        Group = new GroupFile(_group.Old, isShadow: false);
        // A system without accounts gets the usual pair; one with passwd alone keeps its hashes there.
        Shadow = _shadow.IsThere || !_passwd.IsThere ? new ShadowFile(_shadow.Old) : null;
        GroupShadow = _groupShadow.IsThere ? new GroupFile(_groupShadow.Old, isShadow: true) : null;
        UserIds = _userIds.IsThere ? new SubordinateIds(_userIds.Old) : null;
        GroupIds = _groupIds.IsThere ? new SubordinateIds(_groupIds.Old) : null;
    }

    internal PasswdFile Passwd { get; }

    internal ShadowFile? Shadow { get; }

    internal GroupFile Group { get; }

    internal GroupFile? GroupShadow { get; }

    internal SubordinateIds? UserIds { get; }

    internal SubordinateIds? GroupIds { get; }

    /// <summary>What the password field of a passwd line says where shadow has the hash.</summary>
    internal string NewPasswordField => Shadow is null ? "*" : Shadowed;

    internal static AccountFiles Read(SystemRoot files, bool isDryRun) => new(files, isDryRun);

    /// <summary>The hash that login looks at, or null when there is none.</summary>
    internal string? PasswordOf(string name)
    {
        string? field = Passwd.Find(name)?.Password;
        return Shadow is not null && field is null or Shadowed ? Shadow?.PasswordOf(name) : field;
    }

    internal void SetPassword(string name, string hash, long? day, PasswordAging aging)
    {
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

    internal void AddMember(string group, string name)
    {
        Group.AddMember(group, name);
        GroupShadow?.AddMember(group, name);
    }

    /// <summary>
    /// Backups first, then the files, passwd last: wherever a crash falls, an entry there has all that belongs to it.
    /// </summary>
    internal void AddTo(ChangeSet changes)
    {
        var changed = new List<(AccountFile File, byte[] Content)>();
        Collect(changed, _group, Group.ToBytes());
        Collect(changed, _groupShadow, GroupShadow?.ToBytes());
        Collect(changed, _userIds, UserIds?.ToBytes());
        Collect(changed, _groupIds, GroupIds?.ToBytes());
        Collect(changed, _shadow, Shadow?.ToBytes());
        Collect(changed, _passwd, Passwd.ToBytes());
        foreach ((AccountFile file, _) in changed)
        {
            file.AddBackup(changes);
        }

        foreach ((AccountFile file, byte[] content) in changed)
        {
            file.AddChange(changes, content);
        }
    }

    private static void Collect(List<(AccountFile File, byte[] Content)> changed, AccountFile file, byte[]? content)
    {
        if (content is not null && file.IsChangedBy(content))
        {
            changed.Add((file, content));
        }
    }
}
