using System;
using System.Globalization;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;

namespace Azprovision.Sshd;

/// <summary>The sshd that serves the system being provisioned, if it runs already.</summary>
internal static class RunningSshd
{
    private const string ProcDirectory = "/proc";   // the running kernel's, not the root's

    /// <summary>The process of sshd's pid file, if it is an sshd and its root directory is ours; otherwise null.</summary>
    internal static int? TryFindPid(SystemRoot files)
    {
        if ((files.TryRead("/run/sshd.pid") ?? files.TryRead("/var/run/sshd.pid")) is not { } content
            || !int.TryParse(Encoding.Latin1.GetString(content).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
        {
            return null;
        }

        string process = $"{ProcDirectory}/{pid.ToString(CultureInfo.InvariantCulture)}";
        try
        {
            using SystemRoot directory = SystemRoot.Open(process);
            byte[]? name = directory.TryRead("/comm");
            using Descriptor root = Libc.OpenAt(Libc.AT_FDCWD, $"{process}/root", Libc.O_PATH | Libc.O_DIRECTORY);
            bool isOurs = name.AsSpan().SequenceEqual("sshd\n"u8)
                && Libc.StatusOf(root.Number, process).IsSameFile(Libc.StatusOf(files.DescriptorNumber, files.Path));
            return isOurs ? pid : null;
        }
        catch (SyscallException e) when (e.IsNotFound || e.Errno is Errno.EACCES or Errno.EPERM)
        {
            return null;   // no such process, no /proc, or (in a dry run) not ours to look at
        }
    }

    /// <summary>Makes it read its configuration again (sshd(8): SIGHUP); connections that are open stay.</summary>
    internal static void Reload(SystemRoot files)
    {
        if (TryFindPid(files) is { } pid)
        {
            try
            {
                Libc.SendHangup(pid);
            }
            catch (SyscallException e) when (e.Errno == Errno.ESRCH)
            {
                // It has ended since; whichever is started next reads the configuration anyway.
            }
        }
    }
}
