using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Rehearsal;

/// <summary>The command line.</summary>
/// <param name="Generation">of Azure's virtual machines, 1 (BIOS) or 2 (UEFI); null: whichever the disk is made for</param>
/// <param name="Timeout">for a boot to get ready, and again for it to be reached and to end</param>
/// <param name="Directory">where everything is written</param>
internal sealed record Options(
    string Image, string? Ovf, bool IsArm64, int? Generation, TimeSpan Timeout, string Directory)
{
    internal const string Help = """
        Usage: make rehearse IMAGE=disk.img [OVF=ovf-env.xml] [ARCH=amd64|arm64] [GENERATION=1|2] [TIMEOUT=SECONDS]
           or: rehearsal IMAGE [--ovf FILE] [--arch amd64|arm64] [--generation 1|2] [--timeout SECONDS] [--directory DIR]

        Boots a disk image three times in QEMU as Azure would: as a new machine, again, and as another machine that was
        made of the first. Shows the console, then what was seen. The image itself is not changed.

          IMAGE          the disk: raw, qcow2, vpc, or what else qemu-img can read
          --ovf          the provisioning data (tests/Demo/dvd/ovf-env.xml)
          --arch         of the image (that of this machine)
          --generation   of the virtual machine: 1 has a BIOS, 2 has UEFI (whichever the disk is made for)
          --timeout      how long each boot may take (300, without KVM on arm64 900)
          --directory    for the consoles and what the platform received (out/rehearsal)

        The exit code is 0 if all was as it should be, 1 if not, and 2 if there could not be a rehearsal.
        """;

    /// <summary>QEMU need not emulate the processor.</summary>
    internal bool HasKvm { get; } =
        IsArm64 == (RuntimeInformation.OSArchitecture == Architecture.Arm64) && CanOpen("/dev/kvm");

    internal static Options Parse(string[] arguments)
    {
        string? image = null;
        string? ovf = null;
        string? directory = null;
        bool isArm64 = RuntimeInformation.OSArchitecture == Architecture.Arm64;
        int? generation = null;
        int? timeout = null;
        for (int at = 0; at < arguments.Length; at++)
        {
            string argument = arguments[at];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
            {
                image = image is null ? argument : throw new UsageException($"one image at a time, not also '{argument}'");
                continue;
            }

            string value = ++at < arguments.Length ? arguments[at] : throw new UsageException($"{argument} needs a value");
            switch (argument)
            {
                case "--ovf":
                    ovf = value;
                    break;
                case "--arch":
                    isArm64 = value is "amd64" or "arm64" ? value == "arm64" : throw new UsageException($"ARCH is amd64 or arm64, not '{value}'");
                    break;
                case "--generation":
                    generation = value is "1" or "2" ? value[0] - '0' : throw new UsageException($"GENERATION is 1 or 2, not '{value}'");
                    break;
                case "--timeout":
                    timeout = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is > 0 and <= 86400
                        ? seconds
                        : throw new UsageException($"TIMEOUT is a number of seconds, not '{value}'");
                    break;
                case "--directory":
                    directory = value;
                    break;
                default:
                    throw new UsageException($"unknown option '{argument}'; --help lists all");
            }
        }

        if (isArm64 && generation == 1)
        {
            throw new UsageException("arm64 has no generation 1: Azure starts it by UEFI");
        }

        var options = new Options(
            string.IsNullOrEmpty(image) ? throw new UsageException("no image: make rehearse IMAGE=disk.img") : Path.GetFullPath(image),
            ovf, isArm64, generation, TimeSpan.Zero, Path.GetFullPath(directory ?? Repository.PathOf("out/rehearsal")));
        return options with
        {
            Timeout = TimeSpan.FromSeconds(timeout ?? (isArm64 && !options.HasKvm ? 900 : 300)),
        };
    }

    private static bool CanOpen(string path)
    {
        try
        {
            File.Open(path, FileMode.Open, FileAccess.ReadWrite).Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
