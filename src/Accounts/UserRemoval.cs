using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Accounts;

/// <summary>The opposite of <see cref="UserAccount"/>, for a user that this program made.</summary>
internal static class UserRemoval
{
    /// <summary>
    /// Removes the home and the account, unless somebody has given the name to another user since. The backups of the account
    /// files would still have the hash of the password, so they get the new content too.
    /// </summary>
    /// <param name="first">
    /// gets the home, and is committed before the other plan: as long as the account is there, a removal that was cut short can
    /// be begun again
    /// </param>
    internal static void Plan(PlannedRoot first, PlannedRoot root, string name, uint uid)
    {
        var accounts = new AccountFiles(root);
        if (accounts.Passwd.Find(name) is not { } entry)
        {
            root.Warn($"user '{Printable.Of(name)}' is gone already, so that a home that may be left is not looked for");
            return;
        }

        if (entry.Uid != uid)
        {
            root.Warn($"user '{Printable.Of(name)}' is another one than was made, and stays");
            return;
        }

        if (first.TryStatusOfName(entry.Home) is { Status: { IsDirectory: true } status } && status.Uid == uid)
        {
            first.RemoveTree(entry.Home);
        }

        first.Remove($"/var/mail/{name}");
        first.Remove($"/var/spool/mail/{name}");
        accounts.Remove(name);
        accounts.Plan();
        accounts.PlanBackups();
    }
}
