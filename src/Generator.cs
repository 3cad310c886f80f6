using System;
using System.IO;
using Azprovision.Configuration;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Settings;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>
/// This program under another name, as systemd calls it at each boot and reload before any unit is started
/// (systemd.generator(7)): pulls the unit in where a run may have something to do, so that later boots do not wait for
/// the network. When it cannot be told, the run decides.
/// </summary>
internal static class Generator
{
    private const string Name = "azprovision-generator";
    private const string Unit = "azprovision.service";

    // A user's script may do anything: install programs, load modules, restart services. A "+" before the program would
    // do it in one word, but not before systemd 231, and it would take ExecStart away from whoever gave it arguments.
    private static ReadOnlySpan<byte> NoRestrictions => """
        [Service]
        CapabilityBoundingSet=~
        RestrictNamespaces=no
        RestrictAddressFamilies=
        SystemCallArchitectures=
        SystemCallFilter=
        LockPersonality=no
        MemoryDenyWriteExecute=no
        RestrictRealtime=no

        """u8;

    /// <param name="commandLine">with the name that the program was started by</param>
    internal static bool IsMeant(string[] commandLine) => commandLine.Length > 0 && Path.GetFileName(commandLine[0]) == Name;

    /// <param name="arguments">the directory for what shall be weaker than /etc; two more are not needed</param>
    internal static int Run(string[] arguments, Log log)
    {
        if (arguments.Length == 0 || !arguments[0].StartsWith('/'))
        {
            throw new ProvisioningException(Failure.Usage, $"{Name} is called by systemd, with the directories for what it makes");
        }

        using SystemRoot kernel = SystemRoot.Open("/");
        LogTarget.Open("kmsg", kernel, log);
        if (IsToBePulledIn(kernel, log, out bool runsScripts))
        {
            using SystemRoot units = SystemRoot.Open(arguments[0]);
            using Descriptor wants = Make(units, "multi-user.target.wants");
            Libc.SymlinkAt($"/usr/lib/systemd/system/{Unit}", wants.Number, Unit, Unit);   // only the name of the link counts
            if (runsScripts)
            {
                LiftRestrictions(units);
            }
        }

        return 0;
    }

    private static bool IsToBePulledIn(SystemRoot kernel, Log log, out bool runsScripts)
    {
        runsScripts = true;
        try
        {
            // In an initrd systemd has a root that is not the machine's.
            if (kernel.TryStatus("/etc/initrd-release") is not null || OptionReader.IsTurnedOff(kernel))
            {
                return false;
            }

            Options options = OptionReader.Read([], kernel, out SystemRoot root, []);   // a run tells the warnings
            using (root)
            {
                runsScripts = options.RunCustomData;
                return MayHaveWork(options.ToHost(root, kernel, log), options);
            }
        }
        catch (Exception e)   // whatever it is, no machine must be lost by it
        {
            log.Warning($"whether there is anything to do cannot be told: {e.Message}");
            return true;
        }
    }

    /// <summary>The questions of <see cref="Provisioner"/>, as far as they are answered without asking anybody.</summary>
    private static bool MayHaveWork(Host host, Options options)
    {
        var identity = new Identity(host, options);
        identity.Read();
        if (!options.Force && identity.TellsProvisioned() == true
            && ForgetfulRoot.TryRecall(host, options, identity.VmId, out MachineSpec? forgotten))
        {
            return forgotten is not null || (options.ResourceDisk is not null && options.Steps.HasFlag(Steps.ResourceDisk))
                || LastFailure.TryRead(host.Files, host.Kernel, new State(options.State), identity.VmId) is not null;
        }

        return options.Problem is not null || !Sources.IsSurelyForeign(options, identity.IsAzure);
    }

    private static void LiftRestrictions(SystemRoot units)
    {
        const string File = "00-run-custom-data.conf";   // the name lets any other drop-in win
        using Descriptor directory = Make(units, $"{Unit}.d");
        using Descriptor file = Libc.OpenAt(directory.Number, File, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL, 0x1A4);   // 0644
        Libc.WriteAll(file.Number, NoRestrictions, File);
    }

    private static Descriptor Make(SystemRoot units, string directory)
    {
        Libc.MakeDirectoryAt(units.DescriptorNumber, directory, 0x1ED, directory);   // 0755
        return units.OpenDirectory(directory);
    }
}
