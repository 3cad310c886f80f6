using System;
using Azprovision.Native;

namespace Azprovision.Files;

internal sealed partial class SystemRoot
{
    // A root without labels is asked for one once, and then never again.
    private bool? _isLabelled;
    private FileContexts? _policy;

    private bool IsLabelled => _isLabelled ??= Libc.TryGetLabel(_root.Number) is not null;

    private FileContexts Policy => _policy ??= FileContexts.Read(this);

    /// <summary>
    /// Gives a file the SELinux label that the one it replaces has, or else what the policy says: the kernel that writes here
    /// may not be the one that enforces, as in an initramfs, and does not know every path. Where the policy says nothing, it
    /// is what the kernel gave, or would give: the directory's. (Symbolic links keep what the kernel gives them.)
    /// </summary>
    /// <param name="descriptor">the file, under whatever name it has now</param>
    private void SetLabel(int descriptor, Place place, bool isDirectory)
    {
        if (!IsLabelled)
        {
            return;
        }

        byte[]? given = Libc.TryGetLabel(descriptor);
        byte[]? label = (isDirectory ? null : LabelOf(place, place.Name))
            ?? Policy.LabelFor(place.Path, isDirectory ? 'd' : '-') ?? given ?? LabelOf(place, ".");
        if (label is not null && !label.AsSpan().SequenceEqual(given))
        {
            Libc.SetLabel(descriptor, label, place.Path);
        }
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
