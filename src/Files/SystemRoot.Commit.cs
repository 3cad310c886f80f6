using System;
using System.Collections.Generic;
using Azprovision.Native;

namespace Azprovision.Files;

internal sealed partial class SystemRoot
{
    private const string TemporarySuffix = ".azprovision";

    /// <summary>
    /// Makes the changes: directories, links and all new contents first (temporaries in the same directory, complete and
    /// on the disk), then the renames in the order given, then removals and calls. A failure before the first rename
    /// leaves every file as it was, one between two renames leaves each the old or the new one.
    /// </summary>
    internal void Commit(IReadOnlyList<Change> changes)
    {
        var temporaries = new List<(Place Place, string Temporary)>();
        int renamed = 0;
        try
        {
            foreach (Change change in changes)
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
                        temporaries.Add(WriteTemporary(file));
                        break;
                }
            }

            foreach ((Place place, string temporary) in temporaries)
            {
                Libc.RenameAt(place.Directory.Number, temporary, place.Name, place.Path);
                renamed++;
            }

            SyncDirectories(temporaries);
        }
        finally
        {
            for (int i = 0; i < temporaries.Count; i++)
            {
                (Place place, string temporary) = temporaries[i];
                if (i >= renamed)
                {
                    TryUnlink(place.Directory.Number, temporary);
                }

                place.Dispose();
            }
        }

        foreach (Change change in changes)
        {
            switch (change)
            {
                case RemoveFile file:
                    Remove(file.Path);
                    break;
                case Call call:
                    call.Invoke();
                    break;
            }
        }
    }

    private void Make(MakeDirectory directory)
    {
        using Place place = Walk(directory.Path, directory.NoLinksBelow, followLast: true, makeParents: true)!;
        bool made = Libc.MakeDirectoryAt(place.Directory.Number, place.Name, 0x1C0, directory.Path);   // 0700
        using Descriptor descriptor = Libc.OpenAt(
            place.Directory.Number,
            place.Name,
            Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW,
            0,
            directory.Path);
        Libc.SetOwner(descriptor.Number, directory.Ownership.Uid, directory.Ownership.Gid, directory.Path);
        Libc.SetMode(descriptor.Number, directory.Ownership.Mode, directory.Path);
        if (made)
        {
            SetLabel(descriptor.Number, place, isDirectory: true);
            Sync(place.Directory, directory.Path);
        }
    }

    private void Make(MakeLink link)
    {
        using Place place = Walk(link.Path, link.NoLinksBelow, followLast: false, makeParents: true)!;
        Libc.UnlinkAt(place.Directory.Number, place.Name, link.Path);
        Libc.SymlinkAt(link.Target, place.Directory.Number, place.Name, link.Path);
        Libc.SetLinkOwner(place.Directory.Number, place.Name, link.Ownership.Uid, link.Ownership.Gid, link.Path);
    }

    private (Place Place, string Temporary) WriteTemporary(WriteFile file)
    {
        byte[] content = file.Content ?? throw new InvalidOperationException($"'{file.Path}' was planned without content");
        Place place = Walk(file.Path, file.NoLinksBelow, followLast: true, makeParents: true)!;
        // Always the same name: what a run that was killed left behind is removed by the next one.
        string temporary = $".{place.Name}{TemporarySuffix}";
        try
        {
            Libc.UnlinkAt(place.Directory.Number, temporary, file.Path);
            using Descriptor descriptor = Libc.OpenAt(
                place.Directory.Number,
                temporary,
                Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW,
                0x180,   // 0600 until everything is in it
                file.Path);
            Libc.WriteAll(descriptor.Number, content, file.Path);
            Libc.SetOwner(descriptor.Number, file.Ownership.Uid, file.Ownership.Gid, file.Path);
            Libc.SetMode(descriptor.Number, file.Ownership.Mode, file.Path);
            SetLabel(descriptor.Number, place, isDirectory: false);
            Libc.Fsync(descriptor.Number, file.Path);
            return (place, temporary);
        }
        catch
        {
            TryUnlink(place.Directory.Number, temporary);
            place.Dispose();
            throw;
        }
    }

    private void Remove(string path)
    {
        using Place? place = Walk(path, null, followLast: false, makeParents: false);
        if (place is not null && Libc.UnlinkAt(place.Directory.Number, place.Name, path))
        {
            Sync(place.Directory, path);
        }
    }

    private static void SyncDirectories(List<(Place Place, string Temporary)> written)
    {
        var synced = new List<FileStatus>();
        foreach ((Place place, _) in written)
        {
            FileStatus status = Libc.StatusOf(place.Directory.Number, place.Path);
            if (!synced.Exists(status.IsSameFile))
            {
                synced.Add(status);
                Sync(place.Directory, place.Path);
            }
        }
    }

    // fsync(2) refuses an O_PATH descriptor, so the directory is opened once more for it.
    private static void Sync(Descriptor directory, string path)
    {
        using Descriptor readable = Libc.OpenAt(directory.Number, ".", Libc.O_RDONLY | Libc.O_DIRECTORY, 0, path);
        Libc.Fsync(readable.Number, path);
    }

    private static void TryUnlink(int directory, string name)
    {
        try
        {
            Libc.UnlinkAt(directory, name, name);
        }
        catch (SyscallException)
        {
            // The error that brought us here is the one to tell; the next run removes the temporary.
        }
    }
}
