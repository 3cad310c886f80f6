using System.IO;

namespace Azprovision.Files;

internal sealed partial class PlannedRoot
{
    /// <summary>Removes a file or a link; a directory of that name is not what was meant, and stays.</summary>
    internal void Remove(string path)
    {
        Entry entry = Walk(path, null, followLast: false);
        if (entry.Status is { IsDirectory: false })
        {
            Plan(entry, new RemoveFile(Step, path, entry));
        }
    }

    /// <summary>
    /// Removes a directory with all that is in it, links as what they are. What is mounted somewhere in it is an error, not
    /// to be emptied; where it is a mount point itself, that stays, empty.
    /// </summary>
    internal void RemoveTree(string path)
    {
        Entry entry = Walk(path, null, followLast: false);
        if (entry is { Status.IsDirectory: true, Parent.Status: { } parent })
        {
            RemoveContents(path, entry);
            if (entry.Status?.Device == parent.Device)
            {
                Plan(entry, new RemoveDirectory(Step, path, entry));
            }
        }
    }

    /// <summary>Removes a directory in which nothing is left, but never a mount point. False: something is left.</summary>
    internal bool TryRemoveEmptyDirectory(string path)
    {
        Entry entry = Walk(path, null);
        if (entry is not { Status: { IsDirectory: true } status, Parent.Status: { } parent })
        {
            return true;
        }

        if (entry.Names().Count > 0)
        {
            return false;
        }

        if (status.Device == parent.Device)
        {
            Plan(entry, new RemoveDirectory(Step, path, entry));
        }

        return true;
    }

    private void RemoveContents(string path, Entry directory)
    {
        ulong? device = directory.Status?.Device;
        foreach (string name in directory.Names())
        {
            Entry entry = directory.Child(name);
            string inner = $"{path}/{name}";
            if (entry.Status is not { IsDirectory: true } status)
            {
                Plan(entry, new RemoveFile(Step, inner, entry));
                continue;
            }

            if (status.Device != device)
            {
                throw new IOException($"'{inner}' is on another file system: unmount it first");
            }

            RemoveContents(inner, entry);
            Plan(entry, new RemoveDirectory(Step, inner, entry));
        }
    }
}
