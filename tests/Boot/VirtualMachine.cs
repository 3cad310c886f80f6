using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Boot;

/// <summary>
/// A QEMU guest that looks like Azure: DMI identity, DVD on the IDE CD-ROM, and the platform at 168.63.129.16:80.
/// Guest and platform live in network and process namespaces of their own, so that runs do not meet and end together.
/// </summary>
internal sealed class VirtualMachine : IDisposable
{
    internal const string Identity = "4e3f1d2a-90ab-4c1d-8e2f-0123456789ab";

    // sh and its arguments: directory of the run, the platform and its script, then QEMU's command line.
    // Whatever ends first, QEMU or its time, as the first process of the namespace it takes the platform along.
    private const string Script = """
        set -eu
        run=$1; platform=$2; script=$3; shift 3
        busybox ip link set lo up
        dotnet "$platform" --listen 127.0.0.1:80 --log "$run/requests" --script "$script" >"$run/address" &
        until [ -s "$run/address" ]; do sleep 0.1; done
        exec timeout --signal KILL 240 "$@"
        """;

    private readonly BootFiles _files;
    private readonly string _directory;
    private int _boots;

    internal VirtualMachine(BootFiles files)
    {
        _files = files;
        _directory = Directory.CreateTempSubdirectory("azprovision-vm-").FullName;
        Disk = new GuestDisk(InDirectory("disk"));
        File.Copy(files.RootDisk, Disk.Image);
    }

    internal GuestDisk Disk { get; }

    /// <summary>The VM id, as its SMBIOS has it.</summary>
    internal string Id { get; init; } = Identity;

    internal string? Dvd { get; set; }

    /// <summary>There is a CD-ROM without a disc.</summary>
    internal bool HasEmptyDrive { get; init; }

    internal int Megabytes { get; init; } = 128;

    internal int Processors { get; init; } = 1;

    /// <summary>The DVD is on virtio's SCSI bus instead of IDE.</summary>
    internal bool HasScsiDrive { get; init; }

    /// <summary>What a boot writes to the disks is gone at the next.</summary>
    internal bool IsForgetful { get; init; }

    /// <summary>Further arguments of the kernel.</summary>
    internal string Arguments { get; set; } = "quiet";

    /// <summary>Further disks, /dev/vdb onwards.</summary>
    internal IReadOnlyList<string> Images { get; set; } = [];

    /// <summary>The image of one more disk, and what it is attached by, as in -device.</summary>
    internal string? TemporaryDisk { get; set; }

    internal string TemporaryDiskOn { get; init; } = "scsi-hd";

    /// <summary>How the platform misbehaves, in the words of AzurePlatform.Play.</summary>
    internal string PlatformScript { get; init; } = "";

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    internal string InDirectory(string name) => Path.Combine(_directory, name);

    /// <summary>The rest of rc.local, instead of the plain call of the program.</summary>
    internal void RunAtBoot(string script) =>
        Disk.Write("/etc/rc.local", Encoding.UTF8.GetBytes($"#!/bin/sh\n{script}\n"));

    /// <summary>Boots, and waits until the guest has switched itself off.</summary>
    internal BootRecord Boot()
    {
        string run = Directory.CreateDirectory(InDirectory($"boot{++_boots}")).FullName;
        string serial = Path.Combine(run, "serial");
        string requests = Path.Combine(run, "requests");
        File.WriteAllText(requests, "");
        string[] arguments =
        [
            "--net", "--pid", "--mount-proc", "--fork", "--kill-child",
            "sh", "-c", Script, "sh", run, Path.Combine(AppContext.BaseDirectory, "platform.dll"), PlatformScript,
            .. CommandLine(serial),
        ];
        Tool machine = Tool.Try("unshare", arguments);
        string console = File.Exists(serial) ? File.ReadAllText(serial).Replace("\r", "", StringComparison.Ordinal) : "";
        return machine.ExitCode == 0
            ? new BootRecord(console, File.ReadAllText(requests))
            : throw new InvalidOperationException($"exit code {machine.ExitCode}\n{machine.Errors}{console}");
    }

    private List<string> CommandLine(string serial)
    {
        (string machine, string processor) = _files.IsArm64 ? ("virt,accel=tcg", "cortex-a72") : ("pc,accel=tcg", "max");
        // Where an emulated timer comes late, as on a busy machine, a PC's kernel would take it for broken, and end.
        string console = _files.IsArm64 ? "console=ttyAMA0" : "console=ttyS0 no_timer_check";
        List<string> arguments =
        [
            .. Qemu.Machine(_files.IsArm64, machine, processor),
            .. _files.Firmware is null ? [] : (string[])["-bios", _files.Firmware],
            "-m", $"{Megabytes}", "-smp", $"{Processors}", "-no-reboot", "-serial", $"file:{serial}",
            "-kernel", _files.Kernel, "-initrd", _files.Initramfs, "-append", $"{console} panic=-1 {Arguments}",
            .. Qemu.Identity(Id),
            // QEMU's router would give the link an address, by which it is somebody's and stays up.
            "-netdev", "user,id=net,net=168.63.129.0/24,host=168.63.129.16,ipv6=off",
            "-device", "virtio-net-pci,netdev=net,romfile=",
            .. IsForgetful ? (string[])["-snapshot"] : [],
        ];
        AddDisk(Disk.Image);
        foreach (string image in Images)
        {
            AddDisk(image);
        }

        if (TemporaryDisk is not null)
        {
            arguments.AddRange(["-device", "virtio-scsi-pci", "-device", $"{TemporaryDiskOn},drive=temporary"]);
            arguments.AddRange(["-drive", $"if=none,id=temporary,format=raw,cache=unsafe,file={TemporaryDisk}"]);
        }

        if (Dvd is not null)
        {
            arguments.AddRange(HasScsiDrive ? ["-device", "virtio-scsi-pci", "-device", "scsi-cd,drive=dvd"] : []);
            string bus = HasScsiDrive ? "none,id=dvd" : "ide";
            arguments.AddRange(["-drive", $"if={bus},media=cdrom,readonly=on,format=raw,file={Dvd}"]);
        }

        if (HasEmptyDrive)
        {
            arguments.AddRange(["-drive", "if=ide,media=cdrom"]);
        }

        return arguments;

        void AddDisk(string file)
        {
            string id = $"disk{arguments.Count}";
            arguments.AddRange(
            [
                "-drive", $"if=none,id={id},format=raw,cache=unsafe,file={file}",
                "-device", $"virtio-blk-pci,drive={id}",
            ]);
        }
    }
}
