using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;

namespace Azprovision.Tests.Rehearsal;

/// <summary>
/// Starts itself once more, as the first process of namespaces of its own: there the platform can have Azure's addresses, and
/// whatever is started there ends with it, however that ends.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is ["--help" or "-h", ..])
        {
            Console.WriteLine(Options.Help);
            return 0;
        }

        try
        {
            Options options = Options.Parse(arguments);
            DiskImage image = DiskImage.Open(options);
            Ovf ovf = Ovf.Load(options.Ovf);
            if (!IsAlone())
            {
                return StartAlone(arguments);
            }

            using var rehearsal = new Rehearsal(options, image, ovf);
            using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => End(rehearsal));
            using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => End(rehearsal));
            return rehearsal.Run() ? 0 : 1;
        }
        catch (Exception e) when (e is UsageException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"rehearsal: {e.Message.TrimEnd()}");
            return 2;
        }
    }

    private static void End(Rehearsal rehearsal)
    {
        rehearsal.Dispose();
        Environment.Exit(130);
    }

    /// <summary>The first process, and no network but "lo": nothing that is done to the network here is done to the host's.</summary>
    private static bool IsAlone() =>
        Environment.ProcessId == 1
        && Array.FindAll(File.ReadAllLines("/proc/self/net/dev"), line => line.Contains(':', StringComparison.Ordinal)) is [{ } only]
        && only.TrimStart().StartsWith("lo:", StringComparison.Ordinal);

    private static int StartAlone(string[] arguments)
    {
        using Process process = Process.Start(
            "unshare",
            [
                .. Environment.IsPrivilegedProcess ? [] : (string[])["--user", "--map-root-user"],
                "--net", "--pid", "--mount-proc", "--fork", "--kill-child=TERM",
                "dotnet", typeof(Program).Assembly.Location, .. arguments,
            ]);
        // From a terminal it gets the signal, too, and cleans up.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            process.Kill();
        });
        process.WaitForExit();
        return process.ExitCode;
    }
}
