using System;
using Azprovision.Native;

namespace Azprovision.Files;

internal sealed partial class SystemRoot
{
    // A root without labels is asked for one once, and then never again.
    private bool? _isLabelled;

    private bool IsLabelled => _isLabelled ??= Libc.TryGetLabel(_root.Number) is not null;

    /// <summary>
    /// Gives a file the SELinux label that one of that name has, or else what its siblings of the same kind have, or else
    /// its directory: the kernel that writes here may not be the one that enforces, as in an initramfs. (Symbolic links keep
    /// what the kernel gives them.)
    /// </summary>
    /// <param name="descriptor">the file, under whatever name it has now</param>
    private void SetLabel(int descriptor, Place place, bool isDirectory)
    {
        if (IsLabelled && LabelFor(place, isDirectory) is { } label && !label.AsSpan().SequenceEqual(Libc.TryGetLabel(descriptor)))
        {
            Libc.SetLabel(descriptor, label, place.Path);
        }
    }

    private static byte[]? LabelFor(Place place, bool isDirectory)
    {
        if (!isDirectory && LabelOf(place, place.Name) is { } own)
        {
            return own;
        }

        using Descriptor directory = Libc.OpenAt(
            place.Directory.Number, ".", Libc.O_RDONLY | Libc.O_DIRECTORY, 0, place.Path);
        foreach (string name in Libc.NamesIn(directory.Number, place.Path))
        {
            if (name != place.Name && !IsTemporary(name)
                && Libc.TryStatusAt(directory.Number, name, place.Path) is { } status
                && (isDirectory ? status.IsDirectory : status.IsRegular)
                && LabelOf(place, name) is { } label)
            {
                return label;
            }
        }

        return Libc.TryGetLabel(directory.Number);
    }

    private static byte[]? LabelOf(Place place, string name)
    {
        const int Flags = Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOCTTY;
        try
        {
            using Descriptor? file = Libc.TryOpenAt(place.Directory.Number, name, Flags | Libc.O_NOFOLLOW, place.Path);
            return file is null ? null : Libc.TryGetLabel(file.Number);
        }
        catch (SyscallException e) when (e.Errno is Errno.ELOOP)
        {
            return null;   // a link has come in its place
        }
    }
}
