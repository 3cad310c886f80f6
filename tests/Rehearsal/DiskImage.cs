using System;
using System.IO;
using System.Text.Json;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Rehearsal;

/// <summary>Somebody's disk image, which is only read.</summary>
internal sealed record DiskImage(string File, string Format, bool HasUefi)
{
    private const int SectorSize = 512;
    private const int Sectors = 34;
    private const byte TypeGpt = 0xEE;
    private const byte TypeEfiSystem = 0xEF;
    private static readonly Guid s_efiSystem = new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");

    internal static DiskImage Open(Options options)
    {
        string file = options.Image;
        if (!System.IO.File.Exists(file))
        {
            throw new UsageException($"no such image: '{file}'");
        }

        Tool about = Tool.Try("qemu-img", "info", "--force-share", "--output=json", file);
        if (about.ExitCode != 0)
        {
            throw new UsageException(about.Errors);
        }

        using JsonDocument document = JsonDocument.Parse(about.Output);
        string format = document.RootElement.GetProperty("format").GetString()!;
        byte[] start = Start(file, format);
        if (start.Length < Sectors * SectorSize || start[510] != 0x55 || start[511] != 0xAA)
        {
            throw new UsageException($"no partition table in '{file}': a whole disk is needed, not a file system");
        }

        return new DiskImage(file, format, options.IsArm64 || (options.Generation is { } generation ? generation == 2 : IsForUefi(start)));
    }

    /// <summary>A file that takes what is written to the disk.</summary>
    internal void Overlay(string file) => Tool.Run("qemu-img", "create", "-q", "-f", "qcow2", "-F", Format, "-b", File, file);

    private static byte[] Start(string file, string format)
    {
        string copy = Path.GetTempFileName();
        try
        {
            Tool.Run(
                "qemu-img", "dd", "-U", "-f", format, "-O", "raw", $"bs={SectorSize}", $"count={Sectors}", $"if={file}", $"of={copy}");
            return System.IO.File.ReadAllBytes(copy);
        }
        finally
        {
            System.IO.File.Delete(copy);
        }
    }

    /// <summary>There is an EFI system partition, and no code where a BIOS looks for it: most images are made for both.</summary>
    private static bool IsForUefi(ReadOnlySpan<byte> start)
    {
        if (start[..440].ContainsAnyExcept((byte)0))
        {
            return false;
        }

        // Four entries of 16 bytes, the type in the fifth.
        for (int entry = 446; entry < 510; entry += 16)
        {
            if (start[entry + 4] == TypeEfiSystem || (start[entry + 4] == TypeGpt && HasEfiSystemInGpt(start)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasEfiSystemInGpt(ReadOnlySpan<byte> start)
    {
        if (!start[SectorSize..].StartsWith("EFI PART"u8))
        {
            return false;
        }

        for (int entry = 2 * SectorSize; entry < start.Length; entry += 128)
        {
            if (new Guid(start.Slice(entry, 16)) == s_efiSystem)
            {
                return true;
            }
        }

        return false;
    }
}
