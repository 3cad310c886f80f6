using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Native;

namespace Azprovision.Files;

internal sealed partial class SystemRoot
{
    private const int MaxLinks = 40;   // as the kernel's MAXSYMLINKS
    private const uint ParentMode = 0x1ED;   // 0755

    /// <summary>Where the path leads, all links followed, or null when a part of it is not there.</summary>
    private Place? TryFind(string path, string? noLinksBelow) =>
        Walk(path, noLinksBelow, followLast: true, makeParents: false);

    private static Descriptor? TryOpenLast(Place place, int flags) =>
        Libc.TryOpenAt(place.Directory.Number, place.Name, flags | Libc.O_NOFOLLOW, place.Path);

    /// <summary>
    /// Walks to the directory that holds the last name. Each component is opened by name with O_NOFOLLOW; one that turns
    /// out to be a link is replaced by its text, an absolute text and ".." starting at and stopping at our root.
    /// </summary>
    private Place? Walk(string path, string? noLinksBelow, bool followLast, bool makeParents)
    {
        if (noLinksBelow is null && TryFindAtOnce(path, followLast) is { } found)
        {
            return found;
        }

        var pending = new List<string>();   // components still to walk, the next one last
        Push(pending, path);
        int free = noLinksBelow is null ? 0 : pending.Count - CountComponents(noLinksBelow);
        var walked = new List<Descriptor>();
        string? followed = null;   // a link on the way and its text, until all of its text is walked
        int beyondLink = 0;   // how many components are pending behind it
        int links = 0;
        try
        {
            while (true)
            {
                if (pending.Count <= beyondLink)
                {
                    followed = null;   // it led somewhere; what is missing from here on is just not there
                }

                if (pending.Count == 0)
                {
                    pending.Add(".");   // the root itself, or a link to it
                }

                string name = pending[^1];
                pending.RemoveAt(pending.Count - 1);
                bool isLast = pending.Count == 0;
                if (name == "..")
                {
                    if (walked.Count > 0)
                    {
                        walked[^1].Dispose();
                        walked.RemoveAt(walked.Count - 1);
                    }

                    continue;
                }

                int directory = walked.Count > 0 ? walked[^1].Number : _root.Number;
                Descriptor? next = null;
                string? link = null;
                if (!isLast)
                {
                    next = TryOpenDirectory(directory, name, path, out link);
                    if (next is null && link is null && makeParents)
                    {
                        next = MakeParent(directory, name, path);
                    }
                }
                else if (followLast && name != ".")
                {
                    link = Libc.TryReadLinkAt(directory, name, path);
                }

                if (link is not null)
                {
                    if (pending.Count < free)
                    {
                        throw new IOException($"'{path}': '{name}' is a symbolic link to '{link}', which is not followed here");
                    }

                    if (++links > MaxLinks)
                    {
                        throw new SyscallException("open", path, Errno.ELOOP);
                    }

                    if (link.StartsWith('/'))
                    {
                        DisposeAll(walked);
                    }

                    if (followed is null)
                    {
                        followed = $"'{name}' is a symbolic link to '{link}'";
                        beyondLink = pending.Count;
                    }

                    Push(pending, link);
                    continue;
                }

                if (isLast)
                {
                    if (followed is not null && !makeParents && followLast
                        && Libc.TryStatusAt(directory, name, path) is null)
                    {
                        throw LeadsNowhere(path, followed);
                    }

                    return new Place(TakeLast(walked), name, path);
                }

                if (next is null)
                {
                    return followed is null ? null : throw LeadsNowhere(path, followed);
                }

                walked.Add(next);
            }
        }
        finally
        {
            DisposeAll(walked);
        }
    }

    /// <summary>
    /// The usual case by one openat2(2), which resolves links in the same way. Null for whatever is not that: an older
    /// kernel, something that is not there, a link at the end. The walk then finds out.
    /// </summary>
    private Place? TryFindAtOnce(string path, bool followLast)
    {
        int slash = path.LastIndexOf('/');
        string name = path[(slash + 1)..];
        if (name is "" or "." or "..")
        {
            return null;
        }

        Descriptor? directory = Libc.TryOpenDirectoryInRoot(_root.Number, slash <= 0 ? "." : path[..slash]);
        if (directory is not null && followLast && Libc.TryReadLinkAt(directory.Number, name, path) is not null)
        {
            directory.Dispose();
            return null;
        }

        return directory is null ? null : new Place(directory, name, path);
    }

    private static IOException LeadsNowhere(string path, string followed) =>
        new($"'{path}': {followed}, which is not there below the root");

    /// <summary>Opens a directory; null with a link text for a link, null without one when it is not there.</summary>
    private static Descriptor? TryOpenDirectory(int directory, string name, string path, out string? link)
    {
        link = null;
        try
        {
            return Libc.OpenAt(directory, name, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, 0, path);
        }
        catch (SyscallException e) when (e.Errno is Errno.ENOENT)
        {
            return null;
        }
        catch (SyscallException e) when (e.Errno is Errno.ENOTDIR or Errno.ELOOP)
        {
            link = Libc.TryReadLinkAt(directory, name, path);
            return link is null ? throw new SyscallException("open", path, Errno.ENOTDIR) : null;
        }
    }

    private static Descriptor MakeParent(int directory, string name, string path)
    {
        Libc.MakeDirectoryAt(directory, name, ParentMode, path);
        Descriptor made = Libc.OpenAt(directory, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, 0, path);
        Libc.SetMode(made.Number, ParentMode, path);   // mkdir(2) cut it by the umask
        return made;
    }

    // The place keeps the directory it was found in; of the root, which stays open anyway, a second descriptor.
    private Descriptor TakeLast(List<Descriptor> walked)
    {
        if (walked.Count == 0)
        {
            return Libc.OpenAt(_root.Number, ".", Libc.O_PATH | Libc.O_DIRECTORY);
        }

        Descriptor last = walked[^1];
        walked.RemoveAt(walked.Count - 1);
        return last;
    }

    private static void DisposeAll(List<Descriptor> descriptors)
    {
        foreach (Descriptor descriptor in descriptors)
        {
            descriptor.Dispose();
        }

        descriptors.Clear();
    }

    private static void Push(List<string> pending, string path)
    {
        string[] components = path.Split('/');
        for (int i = components.Length - 1; i >= 0; i--)
        {
            if (components[i] is not ("" or "."))
            {
                pending.Add(components[i]);
            }
        }
    }

    private static int CountComponents(string path)
    {
        var components = new List<string>();
        Push(components, path);
        return components.Count;
    }

    /// <summary>A name in an open directory: what a path comes to once its links are followed.</summary>
    private sealed class Place(Descriptor directory, string name, string path) : IDisposable
    {
        internal Descriptor Directory => directory;

        internal string Name => name;

        internal string Path => path;

        public void Dispose() => directory.Dispose();
    }
}
