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
    private static int Main(string[] args)
    {
        StandardStreams.Complete();
        using var log = new Log(TimeProvider.System);
        try
        {
            return Run(args, log);
        }
        catch (Exception e)   // the one broad catch: what is none of these is ours to mend
        {
            Failure failure = e switch
            {
                ProvisioningException known => known.Failure,
                IOException or InvalidDataException => Failure.SystemFiles,
                // The signal ends the process before this, but for process 1, which the kernel spares.
                OperationCanceledException => Failure.TimedOut,
                _ => Failure.Internal,
            };
            log.Error(failure == Failure.Internal ? $"internal error: {e.GetType().Name}: {Printable.Of(e.Message)}" : e.Message);
            return (int)failure;
        }
    }

    private static int Run(string[] args, Log log)
    {
        if (Generator.IsMeant(Environment.GetCommandLineArgs()))
        {
            return Generator.Run(args, log);
        }

        List<Setting> flags = OptionReader.ReadFlags(args);
        if (SettingSources.TryAnswer(flags) is { } text)
        {
            Libc.WriteAll(1, Encoding.UTF8.GetBytes(text), "standard output");
            return 0;
        }

        using SystemRoot kernel = SystemRoot.Open("/");
        var warnings = new List<string>();
        Options options = OptionReader.Read(flags, kernel, out SystemRoot root, warnings);
        using (root)
        {
            log.Threshold = options.LogLevel;
            Command command = SettingSources.CommandOf(args);
            bool isAtTerminal = options.DryRun || command != Command.Provision;
            LogTarget.Open(isAtTerminal ? "stderr" : options.LogTo, root, log);
            warnings.ForEach(log.Warning);   // not before it is known where to and whether
            Host host = options.ToHost(root, kernel, log);
            return command switch
            {
                Command.Provision => new Provisioner(host, options).Run(),
                Command.Check => new Checker(host, options).Run(),
                Command.Clean => new Cleaner(host, options).Run(),
                Command.Status => new StatusQuery(host, options).Run(),
            };
        }
    }
}
