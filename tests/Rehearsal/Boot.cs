using System;
using System.IO;
using System.Threading;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Rehearsal;

/// <summary>One boot: a machine, its platform and network, and the user who logs in to it.</summary>
internal sealed class Boot : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_powerButton = TimeSpan.FromSeconds(30);

    private readonly Options _options;
    private readonly Findings _findings;
    private readonly Dhcp _dhcp;
    private bool _isDisposed;

    /// <param name="name">of the files that it leaves</param>
    internal Boot(
        Options options, DiskImage image, string disk, string name, string vmId, string macAddress, Ovf ovf, string? dvd, Findings findings)
    {
        _options = options;
        _findings = findings;
        Ovf = ovf;
        Console = Path.Combine(options.Directory, $"{name}.console");
        Login = new Login(ovf, options.Directory, name);
        Azure = new Azure(vmId, ovf, macAddress, Path.Combine(options.Directory, $"{name}.requests"));
        _dhcp = new Dhcp(Path.Combine(options.Directory, $"{name}.dhcp"));
        Machine = new Machine(options, image, disk, vmId, macAddress, dvd, Console);
    }

    internal Ovf Ovf { get; }

    internal Azure Azure { get; }

    internal Machine Machine { get; }

    internal Login Login { get; }

    /// <summary>The file with what was on the serial console.</summary>
    internal string Console { get; }

    /// <summary>Until it has to be ready, and reached.</summary>
    internal TimeSpan TimeLeft => _options.Timeout - Machine.Elapsed;

    internal void Add(string name, bool? isGood, string seen) => _findings.Add(name, isGood, seen, Console);

    /// <summary>Runs a command as soon as the user can log in.</summary>
    internal Tool FirstLogin(string command)
    {
        while (true)
        {
            Tool tool = Login.Run(command);
            // 255 is ssh's own.
            if (tool.ExitCode != 255 || Machine.HasEnded || TimeLeft < TimeSpan.Zero)
            {
                return tool;
            }

            Thread.Sleep(s_pause);
        }
    }

    /// <summary>Ends it in good order, or else says so and takes its power away.</summary>
    /// <param name="isAsked">somebody has told it already</param>
    internal void PowerOff(bool isAsked)
    {
        if (isAsked && Machine.WaitForEnd(_options.Timeout))
        {
            return;
        }

        Machine.PressPowerButton();
        if (!Machine.WaitForEnd(s_powerButton))
        {
            Add("power off", null, "it did not heed the button: switched off");
        }
    }

    /// <summary>Also from the thread that is told of a signal.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        Machine.Dispose();
        _dhcp.Dispose();
        Azure.Dispose();
    }
}
