using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Rehearsal;

/// <summary>The life of an image: a new machine of it, its next boot, its capture, and another machine of that.</summary>
internal sealed class Rehearsal : IDisposable
{
    private const string VmId = "4e3f1d2a-90ab-4c1d-8e2f-0123456789ab";
    private const string OtherVmId = "9c27b6e0-51d4-4f7a-a3c8-fedcba987654";

    // Of the numbers that Azure's network cards have.
    private const string MacAddress = "00:0d:3a:4e:3f:1d";
    private const string OtherMacAddress = "00:0d:3a:9c:27:b6";

    // Commands of the guest.
    private const string Started =
        "n=60; while [ $n -gt 0 ] && systemctl is-system-running 2>/dev/null | grep -Eq '^(initializ|start)ing$'; do sleep 1; n=$((n-1)); done";

    private const string Off = "systemctl poweroff || poweroff";
    private const string Cleaned = "nothing of this machine is left";

    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(0.2);

    private readonly Options _options;
    private readonly DiskImage _image;
    private readonly Ovf _ovf;
    private readonly Ovf _otherOvf;
    private readonly Findings _findings = new();
    private readonly FileStream _lock;
    private Boot? _boot;

    internal Rehearsal(Options options, DiskImage image, Ovf ovf)
    {
        _options = options;
        _image = image;
        _ovf = ovf;
        Directory.CreateDirectory(options.Directory);
        _lock = File.Open(Path.Combine(options.Directory, "lock"), FileMode.Create, FileAccess.Write, FileShare.None);
        Clean();
        foreach (string old in Directory.GetFiles(options.Directory, "*.console").Concat(Directory.GetFiles(options.Directory, "*.requests")))
        {
            File.Delete(old);
        }

        Network.Make();
        image.Overlay(Disk);
        Tool.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "rehearsal", "-f", Login.KeyFile(options.Directory));
        if (ovf.HasKey || !ovf.IsPasswordForSsh)
        {
            ovf.AddKey(File.ReadAllText(Login.KeyFile(options.Directory) + ".pub").Trim());
        }

        _otherOvf = ovf.For(ovf.HostName == "kestrel" ? "heron" : "kestrel", ovf.UserName == "grace" ? "ada" : "grace");
    }

    private string Disk => Path.Combine(_options.Directory, "disk.qcow2");

    /// <summary>True if all was as it should be.</summary>
    internal bool Run()
    {
        Say($"{_image.File}: {_image.Format}, {(_options.IsArm64 ? "arm64" : "amd64")}, generation {(_image.HasUefi ? "2 (UEFI)" : "1 (BIOS)")}, "
            + (_options.HasKvm ? "KVM" : "without KVM, so several times slower than a machine"));
        Guest? first = null;
        if (NewMachine("First boot", "first", VmId, MacAddress, _ovf) is { } guest && NextBoot(guest))
        {
            first = guest;
        }

        if (first is not null)
        {
            _ = NewMachine("Another machine, of what was captured", "third", OtherVmId, OtherMacAddress, _otherOvf, first);
        }
        else
        {
            Say("The rest was not tried.");
        }

        Say("");
        Console.Write(_findings);
        Console.WriteLine(_findings.AreGood ? "\nAll is well." : "\nSomething is not as it should be.");
        Console.WriteLine($"Consoles and requests are in {_options.Directory}");
        return _findings.AreGood;
    }

    public void Dispose()
    {
        _boot?.Dispose();
        Clean();
        _lock.Dispose();
    }

    /// <summary>A boot with a DVD. Null if the next boot makes no sense.</summary>
    private Guest? NewMachine(string title, string name, string vmId, string macAddress, Ovf ovf, Guest? origin = null)
    {
        _findings.Begin($"{title}: VM {vmId}, user {ovf.UserName} on {ovf.HostName}");
        string dvd = DvdImage.Udf(Path.Combine(_options.Directory, name + ".dvd"), ovf.ToString());
        using Boot boot = Start(name, vmId, macAddress, ovf, dvd);
        Guest? guest = null;
        if (AddReady(boot) && AddLogin(boot) is { } found)
        {
            AddPassword(boot);
            bool isRoot = AddSudo(boot);
            if (origin is not null)
            {
                AddNews(boot, origin, found);
            }

            if (isRoot)
            {
                // Whoever else talks to the platform has started by then.
                _ = boot.Login.AsRoot($"{Started}; {Off}");
                guest = found;
            }
        }

        boot.PowerOff(isAsked: guest is not null);
        AddReceived(boot);
        return guest;
    }

    /// <summary>A boot of the same machine, without the DVD, and its capture. True if there is something captured.</summary>
    private bool NextBoot(Guest guest)
    {
        _findings.Begin("Second boot, the DVD is gone");
        using Boot boot = Start("second", VmId, MacAddress, _ovf, dvd: null);
        Tool login = boot.FirstLogin(Guest.Question);
        if (login.ExitCode != 0)
        {
            boot.Add("login", false, $"not possible: {login.Errors}");
            boot.PowerOff(isAsked: false);
            return false;
        }

        boot.Add("login", true, $"after {Seconds(boot.Machine.Elapsed)}");
        AddCost(boot);
        var received = boot.Azure.Received.Where(request => !Report.IsOfLinuxAgent(request)).ToList();
        boot.Add("the platform received", received.Count == 0, received.Count == 0 ? "nothing" : Describe(received));
        bool isSame = boot.Login.HostKeys.Overlaps(guest.HostKeys);
        boot.Add("SSH host keys", isSame, isSame ? "the same" : "changed");
        return AddCapture(boot);
    }

    private Boot Start(string name, string vmId, string macAddress, Ovf ovf, string? dvd)
    {
        Say($"{name} boot");
        _boot = new Boot(_options, _image, Disk, name, vmId, macAddress, ovf, dvd, _findings);
        return _boot;
    }

    private bool AddReady(Boot boot)
    {
        while (!boot.Azure.WaitForReport(s_poll) && !boot.Machine.HasEnded && boot.TimeLeft > TimeSpan.Zero)
        {
        }

        TimeSpan time = boot.Machine.Elapsed;
        if (boot.Azure.WaitForReport(TimeSpan.Zero))
        {
            Report report = boot.Azure.Received.Select(Report.Of).First(report => report is { IsFinal: true })!;
            boot.Add("Ready", report.IsReady, report.IsReady ? $"{Seconds(time)} after power on" : $"NotReady: {report.Reason}");
            return report.IsReady;
        }

        bool isMute = new FileInfo(boot.Console).Length == 0;
        string silence = isMute ? ", and nothing on the serial console (console=ttyS0 is an argument of Linux)" : "";
        string end = boot.Machine.HasEnded ? "it switched itself off, or went to restart" : $"no report within {Seconds(time)}";
        boot.Add("Ready", false, end + silence);
        return false;
    }

    private static Guest? AddLogin(Boot boot)
    {
        string name = boot.Ovf.HasKey ? "login by SSH key" : "login by SSH";
        Tool login = boot.FirstLogin(Guest.Question);
        if (login.ExitCode != 0 || Guest.Parse(login.Output, boot.Login.HostKeys) is not { } guest)
        {
            boot.Add(name, false, $"not possible: {login.Errors}{login.Output}");
            return null;
        }

        boot.Add(name, true, guest.User);
        boot.Add("host name", guest.HostName == boot.Ovf.HostName, guest.HostName);
        return guest;
    }

    private static void AddPassword(Boot boot)
    {
        const string Name = "password";
        if (boot.Ovf.Password is null)
        {
            boot.Add(Name, null, "none was given");
            return;
        }

        Tool ssh = boot.Login.ByPassword("true");
        if (boot.Ovf.IsPasswordForSsh)
        {
            boot.Add(Name, ssh.ExitCode == 0, ssh.ExitCode == 0 ? "SSH takes it" : $"SSH does not take it: {ssh.Errors}");
            return;
        }

        Tool su = boot.Login.Run($"exec su {boot.Ovf.UserName} -c true");
        boot.Add(Name, ssh.ExitCode != 0 && su.ExitCode == 0, (ssh.ExitCode, su.ExitCode) switch
        {
            (0, _) => "SSH takes it, although the OVF says that it must not",
            (_, 0) => "su takes it, and SSH does not, as the OVF says",
            _ => $"su does not take it: {su.Errors}",
        });
    }

    private static bool AddSudo(Boot boot)
    {
        const string Name = "sudo";
        const int NoSudo = 99;
        Tool root = boot.Login.Run(
            $"command -v sudo >/dev/null || exit {NoSudo}; sudo -n true 2>/dev/null && echo free; exec sudo -S -p '' -- id -u");
        if (root.ExitCode == NoSudo)
        {
            boot.Add(Name, null, "the image has none: what needs root was not tried");
            return false;
        }

        string[] lines = root.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        bool isRoot = lines is [.., "0"];
        boot.Add(Name, isRoot, !isRoot ? root.Errors : lines[0] == "free" ? "without a password" : "with the password");
        return isRoot;
    }

    private static void AddReceived(Boot boot)
    {
        List<ReceivedRequest> received = [.. boot.Azure.Received];
        List<Report> reports =
        [
            .. received.Where(request => !Report.IsOfLinuxAgent(request)).Select(Report.Of).OfType<Report>().Where(report => report.IsFinal),
        ];
        string seen = received.Count == 0 ? "nothing" : Describe(received);
        boot.Add("the platform received", reports is [{ IsReady: true }], reports.Count switch
        {
            > 1 => $"{reports.Count} reports, by {string.Join(" and ", reports.Select(report => report.Agent).Distinct())}: {seen}",
            1 => $"{seen} (by {reports[0].Agent})",
            _ => seen,
        });
    }

    private static void AddNews(Boot boot, Guest origin, Guest guest)
    {
        Tool old = boot.Login.Run($"id -un {origin.Name} 2>/dev/null; ls -d /home/{origin.Name} 2>/dev/null; true");
        boot.Add($"user {origin.Name} of the first one", old.Output.Length == 0, old.Output.Length == 0 ? "gone" : $"left: {old.Output}");
        bool isSame = boot.Login.HostKeys.Overlaps(origin.HostKeys);
        boot.Add("SSH host keys", !isSame, isSame ? "those of the first machine" : "new");
        if (guest.MachineId.Length > 0)
        {
            bool isNew = guest.MachineId != origin.MachineId;
            boot.Add("/etc/machine-id", isNew, isNew ? "new" : "that of the first machine");
        }
    }

    private static void AddCost(Boot boot)
    {
        const string Name = "cost of azprovision";
        const string Start = "ExecMainStartTimestampMonotonic";
        const string End = "ExecMainExitTimestampMonotonic";
        Tool tool = boot.Login.AsRoot($"{Started}; systemctl show azprovision --property LoadState,{Start},{End}");
        var values = tool.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
        if (values.GetValueOrDefault("LoadState") != "loaded"
            || !long.TryParse(values.GetValueOrDefault(Start), NumberStyles.None, CultureInfo.InvariantCulture, out long start)
            || !long.TryParse(values.GetValueOrDefault(End), NumberStyles.None, CultureInfo.InvariantCulture, out long end))
        {
            boot.Add(Name, null, "not known: no azprovision.service");
            return;
        }

        boot.Add(Name, true, start == 0 ? "none: it was not started" : $"{(end - start) / 1000} ms");
    }

    private static bool AddCapture(Boot boot)
    {
        // In one command: the user is gone then, and so is the right to give another one.
        Tool tool = boot.Login.AsRoot($"azprovision clean --user --force && echo {Cleaned} && {{ {Off}; }}");
        bool isClean = tool.Output.Contains(Cleaned, StringComparison.Ordinal);
        boot.Add("azprovision clean --user", isClean, isClean ? "done" : tool.Errors);
        boot.PowerOff(isAsked: isClean);
        return isClean;
    }

    private static string Describe(List<ReceivedRequest> received) => string.Join(", ", received
        .GroupBy(Report.Describe)
        .Select(group => group.Count() == 1 ? group.Key : $"{group.Key} {group.Count()} times"));

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F1} s");

    private static void Say(string text) => Console.WriteLine(text.Length == 0 ? "" : $"\n== {text}");

    /// <summary>What is of no use afterwards, and the secrets.</summary>
    private void Clean()
    {
        foreach (string pattern in (string[])["disk.qcow2", "*.dvd", "key*", "typed", "*.known_hosts*", "*.leases"])
        {
            foreach (string file in Directory.GetFiles(_options.Directory, pattern))
            {
                File.Delete(file);
            }
        }

        foreach (string content in Directory.GetDirectories(_options.Directory, "*.dvd.content"))
        {
            Directory.Delete(content, recursive: true);
        }
    }
}
