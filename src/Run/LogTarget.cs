using System.IO;
using Azprovision.Files;
using Azprovision.Native;

namespace Azprovision.Run;

/// <summary>Where the log goes (--log).</summary>
internal static class LogTarget
{
    /// <summary>
    /// A file is taken below the root, where the rest is; if its directory is not there, as the path it is. In an initramfs
    /// nobody looks into that file when the boot goes wrong, so there standard error has the lines too.
    /// </summary>
    /// <param name="isRootOfItsOwn">the root is another one than the running system's</param>
    internal static void Open(string target, SystemRoot root, bool isRootOfItsOwn, Log log)
    {
        const uint Mode = 0x1A0;   // 0640
        const int Flags = Libc.O_WRONLY | Libc.O_NOCTTY;
        const int Appending = Flags | Libc.O_CREAT | Libc.O_APPEND;
        try
        {
            switch (target)
            {
                case "stderr":
                    break;
                case "kmsg":
                    Descriptor? kmsg = Libc.TryOpenAt(Libc.AT_FDCWD, Log.KernelLog, Flags);
                    log.SendTo(kmsg ?? Libc.OpenAt(Libc.AT_FDCWD, "/dev/console", Flags), isKernelLog: kmsg is not null);
                    break;
                default:
                    log.SendTo(
                        root.TryOpen(target, Appending | Libc.O_NOFOLLOW, Mode) ?? Libc.OpenAt(Libc.AT_FDCWD, target, Appending, Mode),
                        isKernelLog: false,
                        isAlsoOnStandardError: isRootOfItsOwn);
                    break;
            }
        }
        catch (IOException e)
        {
            log.Warning($"--log: {e.Message}, logging to standard error");
        }
    }
}
