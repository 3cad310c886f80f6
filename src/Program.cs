using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Configuration;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision;

internal static class Program
{
    private const string ConfigurationPath = "/etc/azprovision.conf";
    private const int MaxConfigurationLength = 64 << 10;

    private static int Main(string[] args)
    {
        OpenStandardStreams();
        using var log = new Log(TimeProvider.System);
        try
        {
            return Run(args, log);
        }
        catch (ProvisioningException e)
        {
            log.Error(e.Message);
            return (int)e.Failure;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            log.Error(e.Message);
            return (int)Failure.SystemFiles;
        }
        catch (OperationCanceledException e)
        {
            // The signal ends the process before this, but for process 1, which the kernel spares.
            log.Error(e.Message);
            return (int)Failure.TimedOut;
        }
        catch (Exception bug)   // the one broad catch: whatever arrives here is ours to mend
        {
            log.Error($"internal error: {bug.GetType().Name}: {Printable.Of(bug.Message)}");
            log.Debug(bug.ToString());
            return (int)Failure.Internal;
        }
    }

    private static int Run(string[] args, Log log)
    {
        using SystemRoot kernel = SystemRoot.Open("/");
        SystemRoot? root = null;
        try
        {
            Options options;
            var warnings = new List<string>();
            try
            {
                List<Setting> flags = SettingSources.FromArguments(args);
                if (Answer(flags) is { } text)
                {
                    Libc.WriteAll(1, Encoding.UTF8.GetBytes(text), "standard output");
                    return 0;
                }

                List<Setting> fromKernel = ReadKernelArguments(kernel, warnings.Add);
                string directory = Options.From([], fromKernel, flags, _ => { }).Root;
                root = directory == "/" ? kernel : SystemRoot.Open(directory);
                options = Options.From(ReadConfiguration(root), fromKernel, flags, warnings.Add);
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                throw new ProvisioningException(Failure.Usage, $"{e.Message} (see azprovision --help)", e);
            }

            log.Most = options.LogLevel;
            OpenLog(options.Log, root, log);
            warnings.ForEach(log.Warning);   // not before it is known where to and whether
            var host = new Host(
                root,
                kernel,
                "/dev",
                options.WireServer ?? Endpoint.WireServer,
                TimeProvider.System,
                Deadline.After(options.Timeout - options.LastWord, TimeProvider.System),
                Deadline.After(options.Timeout, TimeProvider.System),
                log);
            return new Provisioner(host, options).Run();
        }
        finally
        {
            root?.Dispose();
        }
    }

    private static string? Answer(List<Setting> flags)
    {
        foreach (Setting flag in flags)
        {
            switch (flag.Name)
            {
                case "help":
                    return Options.Usage;
                case "version":
                    return $"{Product.Name} {Product.Version}\n";
            }
        }

        return null;
    }

    // They are a help, and must not be a hindrance: without them the rest decides.
    private static List<Setting> ReadKernelArguments(SystemRoot kernel, Action<string> warn)
    {
        try
        {
            byte[]? line = kernel.TryRead("/proc/cmdline", MaxConfigurationLength);
            return line is null ? [] : SettingSources.FromKernel(Encoding.UTF8.GetString(line).TrimEnd('\n'));
        }
        catch (IOException e)
        {
            warn($"kernel arguments: {e.Message}, ignoring");
            return [];
        }
    }

    private static List<Setting> ReadConfiguration(SystemRoot root) =>
        root.TryRead(ConfigurationPath, MaxConfigurationLength) is { } bytes
            ? SettingSources.FromFile(Encoding.UTF8.GetString(bytes), ConfigurationPath)
            : [];

    /// <summary>
    /// A file is taken below the root, where the rest is; if its directory is not there, as the path it is. In an initramfs
    /// nobody looks into that file when the boot goes wrong, so there standard error has the lines too.
    /// </summary>
    private static void OpenLog(string target, SystemRoot root, Log log)
    {
        const uint Mode = 0x1A0;   // 0640
        try
        {
            switch (target)
            {
                case "stderr":
                    break;
                case "kmsg":
                    const int Flags = Libc.O_WRONLY | Libc.O_NOCTTY;
                    Descriptor? kmsg = Libc.TryOpenAt(Libc.AT_FDCWD, Log.KernelLog, Flags);
                    log.SendTo(kmsg ?? Libc.OpenAt(Libc.AT_FDCWD, "/dev/console", Flags), isKernelLog: kmsg is not null);
                    break;
                default:
                    log.SendTo(
                        root.TryOpenForAppend(target, Mode)
                            ?? Libc.OpenAt(Libc.AT_FDCWD, target, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_APPEND, Mode),
                        isKernelLog: false,
                        isAlsoOnStandardError: !root.IsRunningSystem);
                    break;
            }
        }
        catch (IOException e)
        {
            log.Warning($"--log: {e.Message}, logging to standard error");
        }
    }

    // Started with closed streams, the next file opened would be number 0, 1 or 2, and log lines would go into it.
    private static void OpenStandardStreams()
    {
        for (int number = 0; number <= 2; number++)
        {
            if (!Libc.IsOpen(number))
            {
                // Open(2) takes the lowest free number, which is this one; it stays open to the end.
                _ = Libc.TryOpenAt(Libc.AT_FDCWD, "/dev/null", Libc.O_RDWR)
                    ?? Libc.OpenAt(Libc.AT_FDCWD, "/", Libc.O_RDONLY | Libc.O_DIRECTORY);
            }
        }
    }
}
