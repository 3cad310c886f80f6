using System;
using Azprovision.Native;

namespace Azprovision.Files;

/// <summary>
/// Gives a new file the SELinux label that one of that name has, or else what its siblings of the same kind have, or else
/// its directory: the kernel that writes here may not be the one that enforces, as in an initramfs. (Symbolic links keep
/// what the kernel gives them.)
/// </summary>
internal sealed class Labels(SystemRoot root)
{
    // A root without labels is asked for one once.
    private readonly bool _isLabelled = Libc.TryGetLabel(root.DescriptorNumber) is not null;

    /// <param name="descriptor">the file, under whatever name it has now</param>
    /// <param name="entry">the name that it is going to have</param>
    internal void Set(int descriptor, Entry entry, bool isDirectory)
    {
        if (_isLabelled && LabelFor(entry, isDirectory) is { } label
            && !label.AsSpan().SequenceEqual(Libc.TryGetLabel(descriptor)))
        {
            Libc.SetLabel(descriptor, label, entry.Path);
        }
    }

    private static byte[]? LabelFor(Entry entry, bool isDirectory)
    {
        if (!isDirectory && LabelOf(entry) is { } own)
        {
            return own;
        }

        Entry directory = entry.Parent!;
        foreach (string name in directory.Names())
        {
            Entry sibling = directory.Child(name);
            if (sibling != entry && !Commit.IsTemporary(name)
                && (isDirectory ? sibling.OnDisk is { IsDirectory: true } : sibling.OnDisk is { IsRegular: true })
                && LabelOf(sibling) is { } label)
            {
                return label;
            }
        }

        return Libc.TryGetLabel(directory.Open());
    }

    private static byte[]? LabelOf(Entry entry)
    {
        if (entry.OnDisk is not ({ IsRegular: true } or { IsDirectory: true }))
        {
            return null;
        }

        using Descriptor file = entry.OpenFile(Libc.O_RDONLY, entry.Path);
        return Libc.TryGetLabel(file.Number);
    }
}
