using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Native;

namespace Azprovision.Files;

// Which name a path leads to.
internal sealed partial class PlannedRoot
{
    private const int MaxLinks = 40;   // as the kernel's MAXSYMLINKS

    private Entry WalkToWrite(string path, string? noLinksBelow)
    {
        Entry entry = Walk(path, noLinksBelow);
        if (IsInStore(entry.Path))
        {
            throw new IOException($"'{path}' leads to '{entry.Path}', into a store of packages that is not written to");
        }

        if (entry.Status is null && Walk(path, noLinksBelow, followLast: false) is { LinkTarget: { } target } link)
        {
            throw new IOException(
                $"'{path}': '{link.Name}' is a symbolic link to '{target}', which is not there below the root");
        }

        return entry;
    }

    /// <summary>
    /// Walks to the name that the path leads to, there or not. A component that is a link is replaced by its text; an
    /// absolute text and ".." start at and stop at our root.
    /// </summary>
    private Entry Walk(string path, string? noLinksBelow, bool followLast = true)
    {
        var pending = new List<string>();   // components still to walk, the next one last
        Push(pending, path);
        int free = noLinksBelow is null ? 0 : pending.Count - CountComponents(noLinksBelow);
        Entry at = _top;
        int links = 0;
        while (pending.Count > 0)
        {
            string name = pending[^1];
            pending.RemoveAt(pending.Count - 1);
            Entry next = name == ".." ? at.Parent ?? at : at.Child(name);
            if (name == ".." || (pending.Count == 0 && !followLast) || next.LinkTarget is not { } target)
            {
                at = next;
                continue;
            }

            if (pending.Count < free)
            {
                throw new IOException($"'{path}': '{name}' is a symbolic link to '{target}', which is not followed here");
            }

            if (++links > MaxLinks)
            {
                throw new SyscallException("open", path, Errno.ELOOP);
            }

            at = target.StartsWith('/') ? _top : at;
            Push(pending, target);
        }

        return at;
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

    // Files there have the names of their contents: what is changed is changed for whoever else uses it.
    private static bool IsInStore(string path) =>
        path.StartsWith("/nix/store/", StringComparison.Ordinal) || path.StartsWith("/gnu/store/", StringComparison.Ordinal);
}
