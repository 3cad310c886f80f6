using System;
using Azprovision.Native;

namespace Azprovision.Files;

/// <summary>
/// Gives a file the SELinux label that the one it replaces has, or else what the policy says: the kernel that writes
/// here may not be the one that enforces, as in an initramfs, and does not know every path. Where the policy says
/// nothing, it is what the kernel gave, or would give: the directory's.
/// </summary>
internal sealed class Labels(PlannedRoot plan)
{
    // A root without labels is asked for one once.
    private readonly bool _isLabelled = Libc.TryGetLabel(plan.Disk.DescriptorNumber) is not null;
    private FileContexts? _policy;

    /// <summary>The root has labels, so that each name may need one of its own.</summary>
    internal bool AreThere => _isLabelled;

    private FileContexts Policy => _policy ??= FileContexts.Read(plan.Disk);

    /// <param name="descriptor">the file, under whatever name it has now</param>
    /// <param name="entry">the name that it is going to have</param>
    internal void Set(int descriptor, Entry entry, bool isDirectory)
    {
        if (!_isLabelled)
        {
            return;
        }

        byte[]? given = Libc.TryGetLabel(descriptor);
        byte[]? label = (isDirectory ? null : LabelOf(entry)) ?? Policy.LabelFor(entry.Path, isDirectory ? 'd' : '-')
            ?? given ?? Libc.TryGetLabel(entry.Parent!.Open());
        if (label is not null && !label.AsSpan().SequenceEqual(given))
        {
            Try(() => Libc.SetLabel(descriptor, label, entry.Path));
        }
    }

    /// <summary>For a file that another program has made.</summary>
    internal void Restore(int descriptor, string path)
    {
        if (_isLabelled && Policy.LabelFor(path, '-') is { } label
            && !label.AsSpan().SequenceEqual(Libc.TryGetLabel(descriptor)))
        {
            Try(() => Libc.SetLabel(descriptor, label, path));
        }
    }

    internal void SetLink(Entry entry)
    {
        if (_isLabelled && Policy.LabelFor(entry.Path, 'l') is { } label)
        {
            Try(() => Libc.SetLinkLabel(entry.Parent!.Open(), entry.Name, label, entry.Path));
        }
    }

    // A kernel that enforces may allow no other label than its own, which mostly does.
    private void Try(Action set)
    {
        try
        {
            set();
        }
        catch (SyscallException e)
        {
            plan.Warn($"{e.Message}, ignoring");
        }
    }

    private static byte[]? LabelOf(Entry entry)
    {
        if (entry.OnDisk is not { IsRegular: true })
        {
            return null;
        }

        using Descriptor file = entry.OpenFile(Libc.O_RDONLY, entry.Path);
        return Libc.TryGetLabel(file.Number);
    }
}
