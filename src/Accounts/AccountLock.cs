using System;
using Azprovision.Io;
using Azprovision.Native;

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
        Descriptor file = files.OpenForLock(Path, 0x180);   // 0600
        bool locked = false;
        try
        {
            locked = Retry.Until(() => Libc.TryLockRecord(file.Number, Path), s_pause, deadline.Within(s_patience));
        }
        finally
        {
            if (!locked)
            {
                file.Dispose();
            }
        }

        return locked ? file : throw new TimeoutException($"'{Path}' is locked by another program");
    }
}
