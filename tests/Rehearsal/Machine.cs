using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Rehearsal;

/// <summary>QEMU, from power on to power off; the guest's console is shown and kept.</summary>
internal sealed class Machine : IDisposable
{
    // Nobody else is in this network namespace.
    private const int MonitorPort = 4444;
    private static readonly TimeSpan s_ending = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Process _qemu;
    private readonly Thread _console;

    /// <param name="dvd">null: there is a drive, and nothing in it</param>
    internal Machine(Options options, DiskImage image, string disk, string vmId, string macAddress, string? dvd, string console)
    {
        string[] command = CommandLine(options, image, disk, vmId, macAddress, dvd);
        _qemu = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        _console = new Thread(() => ConsoleText.Show(_qemu.StandardOutput.BaseStream, console)) { IsBackground = true };
        _console.Start();
    }

    internal TimeSpan Elapsed => _clock.Elapsed;

    internal bool HasEnded => _qemu.HasExited;

    internal bool WaitForEnd(TimeSpan time) => _qemu.WaitForExit(time);

    /// <summary>Presses the button, which a guest may not notice.</summary>
    internal void PressPowerButton()
    {
        try
        {
            using var monitor = new TcpClient("127.0.0.1", MonitorPort);
            NetworkStream stream = monitor.GetStream();
            stream.Write("system_powerdown\n"u8);
            monitor.Client.Shutdown(SocketShutdown.Send);
            stream.CopyTo(Stream.Null);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // it has ended
        }
    }

    public void Dispose()
    {
        if (!_qemu.HasExited)
        {
            _qemu.Kill();
        }

        _qemu.WaitForExit();
        _console.Join(s_ending);
        _qemu.Dispose();
    }

    private static string[] CommandLine(Options options, DiskImage image, string disk, string vmId, string macAddress, string? dvd)
    {
        string accelerator = options.HasKvm ? "kvm" : "tcg";
        // As on Azure: a PC of 1996 with an IDE drive, or one that knows nothing but UEFI and SCSI.
        string type = options.IsArm64 ? "virt,gic-version=max" : image.HasUefi ? "q35" : "pc";
        string processor = options.HasKvm ? "host" : options.IsArm64 ? "cortex-a72" : "max";
        List<string> arguments =
        [
            .. Qemu.Machine(options.IsArm64, $"{type},accel={accelerator}", processor), .. Qemu.Identity(vmId),
            "-m", "1024", "-smp", "2", "-no-reboot",
            "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
            "-monitor", $"tcp:127.0.0.1:{MonitorPort},server=on,wait=off",
            "-device", "virtio-scsi-pci,id=scsi",
            "-drive", $"if=none,id=disk,format=qcow2,cache=unsafe,discard=unmap,file={Escape(disk)}",
            "-device", "scsi-hd,bus=scsi.0,lun=0,drive=disk,bootindex=1",
            "-netdev", $"tap,id=net,ifname={Network.Tap},script=no,downscript=no",
            "-device", $"virtio-net-pci,netdev=net,mac={macAddress},romfile=",
        ];
        if (image.HasUefi)
        {
            arguments.AddRange(["-bios", options.IsArm64 ? "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd" : "/usr/share/ovmf/OVMF.fd"]);
        }

        // Boot loaders for a BIOS expect it to have a screen.
        arguments.AddRange(options.IsArm64 ? [] : ["-vga", "std"]);
        string disc = dvd is null ? "" : $",file={Escape(dvd)}";
        arguments.AddRange(image.HasUefi
            ? ["-device", "scsi-cd,bus=scsi.0,lun=2,drive=dvd", "-drive", $"if=none,id=dvd,media=cdrom,readonly=on{disc}"]
            : ["-drive", $"if=ide,media=cdrom,readonly=on{disc}"]);
        return [.. arguments];
    }

    private static string Escape(string path) => path.Replace(",", ",,", StringComparison.Ordinal);
}
