using System.Globalization;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Accounts;

/// <summary>The user that this program added to an image, as noted when it did; users of the image itself are not.</summary>
internal sealed record MadeUser(string Name, uint Uid, string Home)
{
    internal const string Path = Product.StateDirectory + "/user";

    private const int MaxSize = 4096;

    /// <summary>Notes "name:uid:home".</summary>
    internal static void Plan(PlannedRoot root, PasswdEntry entry)
    {
        root.Directory(Product.StateDirectory, new Ownership(0x1C0));   // 0700
        string line = string.Create(CultureInfo.InvariantCulture, $"{entry.Name}:{entry.Uid}:{entry.Home}\n");
        root.Write(Path, Encoding.Latin1.GetBytes(line), new Ownership(0x180));   // 0600
    }

    /// <summary>Null: none was made.</summary>
    internal static MadeUser? TryRead(SystemRoot files)
    {
        if (files.TryRead(Path, MaxSize) is not { } content)
        {
            return null;
        }

        string[] fields = Encoding.Latin1.GetString(content).TrimEnd('\n').Split(':', 3);
        return fields is [{ Length: > 0 } name, var id, ['/', _, ..] home] && AccountLines.TryParseId(id, out uint uid) && uid != 0
            ? new MadeUser(name, uid, home)
            : throw new InvalidDataException($"'{Path}' is no 'name:uid:home'");
    }

    /// <summary>
    /// Removes the account and its home, unless somebody has given the name or the directory to another one since. The
    /// backups of the account files would still have the hash of the password, so they get the new content too.
    /// </summary>
    internal void PlanRemoval(PlannedRoot root)
    {
        var accounts = new AccountFiles(root);
        if (accounts.Passwd.Find(Name) is { } entry)
        {
            if (entry.Uid != Uid || entry.Home != Home)
            {
                root.Warn($"user '{Printable.Of(Name)}' is another one than was made, and stays");
                return;
            }

            accounts.Remove(Name);
            accounts.Plan();
            accounts.PlanBackups();
        }

        if (root.TryStatusOfName(Home) is { Status: { IsDirectory: true } status } && status.Uid == Uid)
        {
            root.RemoveTree(Home);
        }

        root.Remove($"/var/mail/{Name}");
        root.Remove($"/var/spool/mail/{Name}");
    }
}
