using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Native;

namespace Azprovision.Files;

/// <summary>Brings what a commit has written onto the disk.</summary>
/// <param name="giveUp">told of a change that need not be, and of why it may not be on the disk</param>
internal sealed class Durability(Action<Change, IOException> giveUp) : IDisposable
{
    private readonly List<(Descriptor File, Change Change)> _written = [];
    private readonly List<(Entry Directory, Change Change)> _changed = [];
    private SyncRing? _ring;
    private bool _hasNoRing;

    /// <summary>A new file is complete; it is kept open until it is on the disk.</summary>
    internal void Written(Descriptor file, Change change)
    {
        _written.Add((file, change));
        if (_written.Count == SyncRing.Entries)
        {
            SyncFiles();
        }
    }

    /// <summary>A directory has got, lost or changed a name.</summary>
    internal void Changed(Entry directory, Change change)
    {
        int known = _changed.FindIndex(other => other.Directory == directory);
        if (known < 0)
        {
            _changed.Add((directory, change));
        }
        else if (_changed[known].Change.IsOptional)
        {
            _changed[known] = (directory, change);   // it may be one that has to be
        }
    }

    /// <summary>A directory is no more: there is nothing to sync in it.</summary>
    internal void Gone(Entry directory) => _changed.RemoveAll(known => known.Directory == directory);

    /// <summary>After this a power cut finds every file that was written complete.</summary>
    internal void SyncFiles()
    {
        Sync(_written.Count, i => (_written[i].File.Number, _written[i].Change.Path, _written[i].Change));
        CloseFiles();
    }

    /// <summary>After this a power cut finds every name as it was changed.</summary>
    internal void SyncDirectories()
    {
        // A few at a time: their descriptors must all be open at once.
        for (int start = 0; start < _changed.Count; start += SyncRing.Entries)
        {
            int first = start;
            _ = _changed[first].Directory.Open();   // closes those of before, where they have become many
            Sync(Math.Min(SyncRing.Entries, _changed.Count - first), i =>
                (_changed[first + i].Directory.OpenBesideOthers(), _changed[first + i].Directory.Path, _changed[first + i].Change));
        }

        _changed.Clear();
    }

    public void Dispose()
    {
        CloseFiles();
        _ring?.Dispose();
    }

    private void CloseFiles()
    {
        foreach ((Descriptor file, _) in _written)
        {
            file.Dispose();
        }

        _written.Clear();
    }

    private void Sync(int count, Func<int, (int File, string Path, Change Change)> at)
    {
        Span<int> files = stackalloc int[count];
        Span<int> errors = stackalloc int[count];
        for (int i = 0; i < count; i++)
        {
            files[i] = at(i).File;
        }

        int taken = count > 1 && TryGetRing() is { } ring ? ring.Sync(files, errors) : 0;
        SyncInTurn(files[taken..], errors[taken..]);
        for (int i = 0; i < count; i++)
        {
            if (errors[i] != 0)
            {
                (_, string path, Change change) = at(i);
                Fail(change, new SyscallException("fsync", path, errors[i]));
            }
        }
    }

    private void Fail(Change change, SyscallException e)
    {
        if (change.IsOptional)
        {
            giveUp(change, e);
            return;
        }

        throw (Exception?)change.Step?.TryExplain(e) ?? e;
    }

    // All are on their way before the first is waited for. The last one first: it waits for most of the others too.
    private static void SyncInTurn(ReadOnlySpan<int> files, Span<int> errors)
    {
        foreach (int file in files)
        {
            Libc.BeginWriteback(file);
        }

        for (int i = files.Length - 1; i >= 0; i--)
        {
            errors[i] = Libc.Fsync(files[i]);
        }
    }

    private SyncRing? TryGetRing()
    {
        if (_ring is null && !_hasNoRing)
        {
            _ring = SyncRing.TryOpen();
            _hasNoRing = _ring is null;
        }

        return _ring;
    }
}
