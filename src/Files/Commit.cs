using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Native;
using Azprovision.Spec;

namespace Azprovision.Files;

/// <summary>
/// Makes a plan true, all of it at once: directories, links and all new contents first (temporaries in the same directory,
/// complete and on the disk), then the renames in the order planned, their directories, and only then removals and calls.
/// A failure before the first rename leaves every file as it was, one between two renames leaves each the old or the new
/// one. An error names the step that the change came from.
/// </summary>
internal sealed class Commit : IDisposable
{
    internal const string TemporarySuffix = ".azprovision";
    private const int CopySize = 16 << 10;

    private readonly PlannedRoot _plan;
    private readonly Durability _durability;
    private readonly Labels _labels;
    private readonly bool _isRoot = Libc.IsRoot && Libc.IsRootGroup;
    private readonly List<WriteFile> _prepared = [];   // what is not renamed yet
    private readonly HashSet<Entry> _kept = [];   // what has another name, too
    private byte[]? _buffer;   // of what is copied
    private Step? _step;   // whose change is being made

    private Commit(PlannedRoot plan)
    {
        _plan = plan;
        _durability = new Durability(GiveUp);
        _labels = new Labels(plan);
    }

    internal static void Run(PlannedRoot plan)
    {
        using var commit = new Commit(plan);
        try
        {
            commit.MakeAll();
        }
        catch (Exception e) when (e is not ProvisioningException && commit._step?.TryExplain(e) is { } explained)
        {
            throw explained;
        }
    }

    public void Dispose()
    {
        _prepared.ForEach(TryRemoveTemporary);
        _durability.Dispose();
    }

    private void MakeAll()
    {
        foreach (Change change in _plan.Changes)
        {
            Do(change, MakeOrPrepare);
        }

        _durability.SyncFiles();
        while (_prepared.Count > 0)
        {
            WriteFile next = _prepared[0];
            Do(next, Replace);
            _prepared.Remove(next);
        }

        _durability.SyncDirectories();
        foreach (Change change in _plan.Changes)
        {
            Do(change, Remove);
        }

        _durability.SyncDirectories();
        foreach (Change change in _plan.Changes)
        {
            if (change is Call call)
            {
                Do(call, called => called.Invoke());
            }
        }
    }

    private void Do<T>(T change, Action<T> action) where T : Change
    {
        _step = change.Step;
        try
        {
            action(change);
        }
        catch (IOException e) when (change.IsOptional)
        {
            GiveUp(change, e);
        }
    }

    private void GiveUp(Change change, IOException e)
    {
        _plan.Warn($"{change.Step?.What}: {e.Message}, ignoring");
        if (change is WriteFile file)
        {
            TryRemoveTemporary(file);   // which nobody would come back for
            _prepared.Remove(file);
        }
    }

    private void MakeOrPrepare(Change change)
    {
        switch (change)
        {
            case MakeDirectory directory:
                Make(directory);
                break;
            case MakeLink link:
                Make(link);
                break;
            case WriteFile file:
                Prepare(file);
                break;
        }
    }

    private void Remove(Change change)
    {
        if (change is RemoveFile { Entry: { Parent: { } directory } entry })
        {
            Libc.UnlinkAt(directory.Open(), entry.Name, change.Path);
            _durability.Changed(directory, change);
        }
        else if (change is RemoveDirectory { Entry: { Parent: { } parent } removed })
        {
            Libc.UnlinkAt(parent.Open(), removed.Name, change.Path, isDirectory: true);
            _durability.Gone(removed);
            _durability.Changed(parent, change);
        }
    }

    private void Make(MakeDirectory change)
    {
        Entry entry = change.Entry;
        bool made = entry.Parent is { } parent && Libc.MakeDirectoryAt(parent.Open(), entry.Name, 0x1C0, change.Path);   // 0700
        int descriptor = entry.Open();
        Libc.SetOwner(descriptor, change.Ownership.Uid, change.Ownership.Gid, change.Path);
        Libc.SetMode(descriptor, change.Ownership.Mode, change.Path);
        if (made)
        {
            _labels.Set(descriptor, entry, isDirectory: true);
        }

        _durability.Changed(made ? entry.Parent! : entry, change);
    }

    private void Make(MakeLink change)
    {
        int directory = change.Entry.Parent!.Open();
        Libc.UnlinkAt(directory, change.Entry.Name, change.Path);
        Libc.SymlinkAt(change.Target, directory, change.Entry.Name, change.Path);
        Libc.SetLinkOwner(directory, change.Entry.Name, change.Ownership.Uid, change.Ownership.Gid, change.Path);
        _labels.SetLink(change.Entry);
        _durability.Changed(change.Entry.Parent, change);
    }

    private void Prepare(WriteFile change)
    {
        Entry directory = change.Entry.Parent!;
        string temporary = TemporaryOf(change);
        if (TryLink(change, directory, temporary))
        {
            return;
        }

        Descriptor file;
        try
        {
            file = Create(directory.Open(), temporary, change.Path);
        }
        catch (SyscallException e) when (e.Errno is Errno.EROFS or Errno.EACCES or Errno.EPERM && CanBeWritten(change.Entry))
        {
            _prepared.Add(change);   // a mount point in a directory that takes no new names
            return;
        }

        try
        {
            WriteContent(file.Number, change);
            if (!IsOwnedAsMade(directory, change.Ownership))
            {
                Libc.SetOwner(file.Number, change.Ownership.Uid, change.Ownership.Gid, change.Path);
            }

            Libc.SetMode(file.Number, change.Ownership.Mode, change.Path);
            _labels.Set(file.Number, change.Entry, isDirectory: false);
        }
        catch
        {
            // If it is only nice to have, the others go on, and half a file must not take the place of a whole one.
            file.Dispose();
            TryRemoveTemporary(change);
            throw;
        }

        _prepared.Add(change);
        _durability.Written(file, change);
    }

    // Two calls in the place of eight, and nothing to write. Not across mounts, and not on every file system.
    private bool TryLink(WriteFile change, Entry directory, string temporary)
    {
        bool isFree = change.Entry.OnDisk is null;
        if (_labels.AreThere || change.Old is not { Parent: { } there } old
            || !Libc.TryLinkAt(there.Open(), old.Name, directory.Open(), isFree ? change.Entry.Name : temporary))
        {
            return false;
        }

        _kept.Add(old);
        if (isFree)
        {
            _durability.Changed(directory, change);
        }
        else
        {
            _prepared.Add(change);
        }

        return true;
    }

    // Always the same name: what a run that was killed left behind is removed by the next one. 0600 until all is in it.
    private static Descriptor Create(int directory, string temporary, string path)
    {
        int flags = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW;
        try
        {
            return Libc.OpenAt(directory, temporary, flags, 0x180, path);
        }
        catch (SyscallException e) when (e.Errno == Errno.EEXIST)
        {
            Libc.UnlinkAt(directory, temporary, path);
            return Libc.OpenAt(directory, temporary, flags, 0x180, path);
        }
    }

    private void WriteContent(int target, WriteFile change)
    {
        if (change.Source is null)
        {
            Libc.WriteAll(target, change.Content, change.Path);
            return;
        }

        using Descriptor source = change.Source.OpenFile(Libc.O_RDONLY, change.Source.Path);
        _buffer ??= new byte[CopySize];
        int count;
        do
        {
            count = Libc.Read(source.Number, _buffer, change.Source.Path);
            Libc.WriteAll(target, _buffer.AsSpan(0, count), change.Path);
        }
        while (count == CopySize);   // a regular file gives less only at its end
    }

    private void Replace(WriteFile change)
    {
        Entry directory = change.Entry.Parent!;
        try
        {
            Libc.RenameAt(directory.Open(), TemporaryOf(change), change.Entry.Name, change.Path);
            _durability.Changed(directory, change);
        }
        catch (SyscallException e) when (e.Errno is Errno.EBUSY or Errno.EXDEV || (e.IsNotFound && CanBeWritten(change.Entry)))
        {
            // A file that is a mount point itself, as where a data partition keeps it.
            WriteInPlace(change);
            TryRemoveTemporary(change);
            _plan.Warn($"'{change.Path}' is mounted from elsewhere and was not replaced atomically");
        }
    }

    private void WriteInPlace(WriteFile change)
    {
        Descriptor file = change.Entry.OpenFile(Libc.O_WRONLY | Libc.O_TRUNC, change.Path);
        _durability.Written(file, change);
        WriteContent(file.Number, change);
        Libc.SetOwner(file.Number, change.Ownership.Uid, change.Ownership.Gid, change.Path);
        Libc.SetMode(file.Number, change.Ownership.Mode, change.Path);
        _durability.SyncFiles();
    }

    // The group of a new file is the process's or, by a bit of the directory or an option of the mount, the directory's.
    private bool IsOwnedAsMade(Entry directory, Ownership ownership) =>
        _isRoot && ownership is { Uid: 0, Gid: 0 } && directory.Status is { Gid: 0 };

    // What has just got another name is not written: that one is to have what was. And there a new name can be made.
    private bool CanBeWritten(Entry entry)
    {
        if (entry.OnDisk is not { IsRegular: true } || _kept.Contains(entry))
        {
            return false;
        }

        try
        {
            using Descriptor file = entry.OpenFile(Libc.O_WRONLY, entry.Path);
            return true;
        }
        catch (SyscallException)
        {
            return false;
        }
    }

    /// <summary>Whether a name is that of a temporary, which only a commit that was killed leaves behind.</summary>
    internal static bool IsTemporary(string name) =>
        name.Length > TemporarySuffix.Length + 1 && name[0] == '.' && name.EndsWith(TemporarySuffix, StringComparison.Ordinal);

    private static string TemporaryOf(WriteFile change) => $".{change.Entry.Name}{TemporarySuffix}";

    private static void TryRemoveTemporary(WriteFile change)
    {
        try
        {
            Libc.UnlinkAt(change.Entry.Parent!.Open(), TemporaryOf(change), change.Path);
        }
        catch (IOException)
        {
            // The error that brought us here is the one to tell; the next run removes the temporary.
        }
    }
}
