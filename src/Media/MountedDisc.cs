using System;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Media;

/// <summary>A disc, mounted by the kernel for as long as it takes to read from it.</summary>
internal static class MountedDisc
{
    private const string OwnDirectory = "/run/azprovision.disc";   // another one than that of what everybody may read
    private const string OtherDirectory = "/mnt";
    private const uint OwnerOnly = 0x1C0;   // 0700

    /// <summary>What the function reads from the root of the disc, or null when the kernel cannot or may not mount it.</summary>
    internal static T? TryRead<T>(string device, string type, Func<SystemRoot, T?> read, Log log)
        where T : class
    {
        string directory = OwnDirectory;
        bool isOurs = TryMakeDirectory(log);
        if (!isOurs)
        {
            directory = OtherDirectory;
        }

        try
        {
            using MountNamespace? own = MountNamespace.TryEnter();
            return TryReadAt(directory, device, type, read, log);
        }
        finally
        {
            if (isOurs)
            {
                TryRemoveDirectory(log);
            }
        }
    }

    private static T? TryReadAt<T>(string directory, string device, string type, Func<SystemRoot, T?> read, Log log)
        where T : class
    {
        try
        {
            Libc.MountReadOnly(device, directory, type);
        }
        catch (SyscallException e) when (e.Errno != Errno.ENOMEDIUM)
        {
            log.Debug(e.Message);
            return null;
        }

        try
        {
            using SystemRoot root = SystemRoot.Open(directory);
            return read(root);
        }
        finally
        {
            Libc.Unmount(directory);
        }
    }

    // A directory of that name is left over from a run that was killed.
    private static bool TryMakeDirectory(Log log)
    {
        try
        {
            return Libc.MakeDirectoryAt(Libc.AT_FDCWD, OwnDirectory, OwnerOnly, OwnDirectory)
                || Libc.TryStatusAt(Libc.AT_FDCWD, OwnDirectory, OwnDirectory) is { IsDirectory: true };
        }
        catch (SyscallException e)
        {
            log.Debug(e.Message);
            return false;
        }
    }

    private static void TryRemoveDirectory(Log log)
    {
        try
        {
            Libc.UnlinkAt(Libc.AT_FDCWD, OwnDirectory, OwnDirectory, isDirectory: true);
        }
        catch (SyscallException e)
        {
            log.Debug(e.Message);
        }
    }
}
