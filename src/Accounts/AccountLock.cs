using System;
using System.IO;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Accounts;

/// <summary>The lock of lckpwdf(3), which every tool of the shadow suite takes before it writes an account file.</summary>
internal static class AccountLock
{
    private const string Path = "/etc/.pwd.lock";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);   // as lckpwdf(3)
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for the lock and holds it until the descriptor is closed.</summary>
    internal static Descriptor Take(SystemRoot files, Deadline deadline)
    {
        Descriptor file = Open(files);
        bool locked = false;
        try
        {
            locked = Retry.Until(() => Libc.TrySetLock(file.Number, Path), s_pause, deadline.Within(s_patience));
        }
        finally
        {
            if (!locked)
            {
                file.Dispose();
            }
        }

        // With time left it is the file that cannot be had, which the platform can still be told.
        string problem = $"'{Path}' is locked by another program";
        return locked ? file : throw (deadline.IsOver ? new TimeoutException(problem) : new IOException(problem));
    }

    private static Descriptor Open(SystemRoot files)
    {
        int flags = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_NOFOLLOW | Libc.O_NOCTTY;
        const uint Mode = 0x180;   // 0600
        if (files.TryOpen(Path, flags, Mode) is { } file)
        {
            return file;
        }

        Libc.MakeDirectoryAt(files.DescriptorNumber, "etc", 0x1ED, "/etc");   // 0755; a root without accounts
        return files.TryOpen(Path, flags, Mode) ?? throw new SyscallException("open", Path, Errno.ENOENT);
    }
}
