using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Spec;

namespace Azprovision.Accounts;

/// <summary>A user's home directory with the files of the skeleton (useradd(8), -m and -k).</summary>
internal static class HomeDirectory
{
    /// <summary>
    /// A new user's is set right and completed; an existing user's only where it is not there, or a run that was killed has
    /// left it half made.
    /// </summary>
    internal static void Plan(PlannedRoot root, PasswdEntry entry, bool isNew, uint mode, string skeleton)
    {
        if (!entry.Home.StartsWith('/'))
        {
            throw new ProvisioningException(
                Failure.User,
                $"user '{entry.Name}': the home directory '{Printable.Of(entry.Home)}' is not an absolute path");
        }

        FileStatus? there = root.TryStatus(entry.Home);
        if (isNew || there is null || IsHalfMade(root, entry.Home))
        {
            root.Directory(entry.Home, new Ownership(mode, entry.Uid, entry.Gid));
            Copy(root, skeleton, entry.Home, entry, there is { Uid: not 0 } left ? left.Uid : null);
        }
    }

    private static bool IsHalfMade(PlannedRoot root, string home)
    {
        foreach (string name in root.NamesIn(home))
        {
            if (Commit.IsTemporary(name))
            {
                return true;
            }
        }

        return false;
    }

    // A name that is in the home already is left alone, be it file or link; only directories are entered, so that no link
    // of the user's is ever followed. Devices and the like are no part of a skeleton.
    /// <param name="leftBy">whose the home was: somebody who is gone</param>
    private static void Copy(PlannedRoot root, string source, string target, PasswdEntry entry, uint? leftBy)
    {
        foreach (string name in root.NamesIn(source))
        {
            string from = $"{source}/{name}";
            string to = $"{target}/{name}";
            if (root.TryStatusOfName(from) is not { } found)
            {
                continue;
            }

            var ownership = new Ownership(found.Status.Permissions, entry.Uid, entry.Gid);
            (FileStatus Status, string? LinkTarget)? there = root.TryStatusOfName(to);
            if (found.Status.IsDirectory && there is null or { Status.IsDirectory: true })
            {
                root.Directory(to, ownership, entry.Home);
                Copy(root, from, to, entry, leftBy);
            }
            else if (found.LinkTarget is { } text && (there is null || IsUnfinished(there.Value, text)))
            {
                root.Link(to, text, ownership, entry.Home);
            }
            else if (found.Status.IsRegular && there is null)
            {
                root.Copy(from, to, ownership, entry.Home);
            }
            else if (found.Status.IsRegular && there is { Status: { IsRegular: true } left } && left.Uid == leftBy)
            {
                // The content stays, but a shell must be able to read it.
                root.Try(() => root.Write(to, root.TryRead(to, entry.Home)!, ownership with { Mode = left.Permissions }, entry.Home));
            }
        }
    }

    // A link can only be given its owner once it is made: root's is one that a run that was killed left behind.
    private static bool IsUnfinished((FileStatus Status, string? LinkTarget) there, string text) =>
        there.LinkTarget == text && there.Status.Uid == 0;
}
