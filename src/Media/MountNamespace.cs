using System;
using Azprovision.Native;

namespace Azprovision.Media;

/// <summary>
/// A mount namespace for a while (mount_namespaces(7)): what is mounted in it is seen by nobody else, and goes with the
/// process however that ends.
/// </summary>
internal sealed class MountNamespace : IDisposable
{
    private readonly Descriptor _old;
    private readonly Descriptor _root;
    private readonly Descriptor _directory;

    private MountNamespace(Descriptor old, Descriptor root, Descriptor directory)
    {
        _old = old;
        _root = root;
        _directory = directory;
    }

    /// <summary>Null, and nothing changed: the kernel has none, this process may not, or without /proc it has no way back.</summary>
    internal static MountNamespace? TryEnter()
    {
        Descriptor? old = null;
        Descriptor? root = null;
        Descriptor? directory = null;
        try
        {
            old = Libc.OpenAt(Libc.AT_FDCWD, "/proc/thread-self/ns/mnt", Libc.O_RDONLY);
            root = Libc.OpenAt(Libc.AT_FDCWD, "/", Libc.O_PATH | Libc.O_DIRECTORY);
            directory = Libc.OpenAt(Libc.AT_FDCWD, ".", Libc.O_PATH | Libc.O_DIRECTORY);
            var entered = new MountNamespace(old, root, directory);
            entered.GoHome();   // to see that chroot(2) is allowed, before it is needed for the way back
            Libc.UnshareMounts();
            old = root = directory = null;
            entered.MakePrivate();
            return entered;
        }
        catch (SyscallException)
        {
            return null;
        }
        finally
        {
            old?.Dispose();
            root?.Dispose();
            directory?.Dispose();
        }
    }

    public void Dispose()
    {
        try
        {
            Libc.EnterMounts(_old.Number);
            GoHome();
        }
        finally
        {
            _old.Dispose();
            _root.Dispose();
            _directory.Dispose();
        }
    }

    // "/" is no mount point in a chroot. Mounts then show up outside as they would without a namespace, and go as they do.
    private void MakePrivate()
    {
        try
        {
            Libc.MakeMountsPrivate();
        }
        catch (SyscallException e) when (e.Errno == Errno.EINVAL)
        {
        }
        catch (SyscallException)
        {
            Dispose();   // the way back
            throw;
        }
    }

    private void GoHome()
    {
        Libc.ChangeDirectory(_root.Number);
        Libc.ChangeRoot(".");
        Libc.ChangeDirectory(_directory.Number);
    }
}
