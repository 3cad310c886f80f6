using System;
using Azprovision.Files;
using Azprovision.Native;

namespace Azprovision.Accounts;

/// <summary>An account file as it was when the plan was made.</summary>
/// <param name="Old">null: it is not there, or may not be read</param>
internal sealed record AccountFile(string Path, byte[]? Old, Ownership Ownership, bool IsUnreadable)
{
    internal bool IsThere => Old is not null || IsUnreadable;

    /// <param name="ifNew">mode and owner if it is not there and has to be made</param>
    internal static AccountFile Read(SystemRoot files, string path, Ownership ifNew, bool isDryRun)
    {
        try
        {
            return files.TryReadWithStatus(path, int.MaxValue) is { } file
                ? new AccountFile(path, file.Content, Ownership.Of(file.Status), IsUnreadable: false)
                : new AccountFile(path, null, ifNew, IsUnreadable: false);
        }
        catch (SyscallException e) when (e.Errno == Errno.EACCES && isDryRun)
        {
            return new AccountFile(path, null, ifNew, IsUnreadable: true);
        }
    }

    internal bool IsChangedBy(byte[] content) => !content.AsSpan().SequenceEqual(Old);

    /// <summary>Keeps the old content beside it as NAME-, which is what vipw(8) and usermod(8) do.</summary>
    internal void AddBackup(ChangeSet changes)
    {
        if (Old is not null)
        {
            changes.Write(Path + "-", Old, Ownership);
        }
    }

    internal void AddChange(ChangeSet changes, byte[] content)
    {
        if (IsUnreadable)
        {
            changes.Unreadable(Path);
        }
        else
        {
            changes.Write(Path, content, Ownership);
        }
    }
}
