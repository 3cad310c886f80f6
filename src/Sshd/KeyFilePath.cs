using System;
using System.IO;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Spec;

namespace Azprovision.Sshd;

/// <summary>The way to an authorized_keys file as sshd goes it: with the user's rights, and distrusting what others may write.</summary>
internal static class KeyFilePath
{
    private const uint Write = 0x12;   // 022

    /// <summary>Why sshd would not read the file; null: nothing speaks against it.</summary>
    /// <param name="isStrict">StrictModes of sshd_config(5)</param>
    internal static string? WhyUnread(PlannedRoot root, Account account, string path, bool isStrict)
    {
        try
        {
            string home = root.RealPath(account.Home);
            bool isTrusted = !isStrict;
            // The mode of the top itself is that of a directory somewhere, as long as it is only an image's.
            for (string at = root.RealPath(path); at.Length > 1; at = at[..Math.Max(1, at.LastIndexOf('/'))])
            {
                if (root.TryStatus(at) is { } status && WhyNot(status, account, isTrusted) is { } why)
                {
                    return $"'{Printable.Of(at)}' {why}";
                }

                isTrusted |= at == home;   // sshd looks at what is above a home no more
            }
        }
        catch (IOException)
        {
            // What cannot be walked fails, or is told, where it is written.
        }

        return null;
    }

    private static string? WhyNot(FileStatus status, Account account, bool isTrusted)
    {
        string mode = $"(mode {Convert.ToString(status.Permissions, 8).PadLeft(4, '0')})";
        uint needed = status.IsDirectory ? 1u : 4u;
        // A group that is not the user's first one may be theirs all the same.
        uint allowed = status.Uid == account.Uid ? status.Permissions >> 6
            : status.Gid == account.Gid ? status.Permissions >> 3
            : status.Permissions | (status.Permissions >> 3);
        return !isTrusted && status.Uid != 0 && status.Uid != account.Uid ? $"belongs to another user (id {status.Uid})"
            : !isTrusted && (status.Permissions & Write) != 0 ? $"can be written to by others {mode}"
            : account.Uid != 0 && (allowed & needed) == 0 ? $"does not let '{account.Name}' in {mode}"
            : null;
    }
}
