using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Media;

/// <summary>What the platform wrote, as it lies on a disc, an image of one, in a directory, or alone as a file.</summary>
/// <param name="CustomData">of a file of their own, which few discs have</param>
/// <param name="Device">the device to eject afterwards; null when they came from a file or directory</param>
internal sealed record ProvisioningFiles(byte[] Ovf, byte[]? CustomData, string? Device)
{
    /// <summary>What read them from a disc.</summary>
    internal string? Reader { get; private init; }

    private const string OvfName = "ovf-env.xml";
    private const string CustomDataName = "CustomData.bin";

    /// <summary>
    /// Null: there is neither a file system that can be read nor XML. One without the file is a FileNotFoundException.
    /// </summary>
    internal static ProvisioningFiles? TryRead(string place, Log log)
    {
        FileStatus status;
        using (Descriptor name = Libc.OpenAt(Libc.AT_FDCWD, place, Libc.O_PATH))
        {
            status = Libc.StatusOf(name.Number, place);
        }

        if (status.IsDirectory)
        {
            using SystemRoot directory = SystemRoot.Open(place);
            return TryFind(ReaderOf(directory)) ?? throw Missing();
        }

        if (!status.IsBlockDevice && !status.IsRegular)
        {
            throw new IOException("neither a block device nor a file nor a directory");
        }

        // Without O_NONBLOCK, so that a drive without a medium says so.
        using var disc = new DescriptorStream(
            Libc.OpenAt(Libc.AT_FDCWD, place, Libc.O_RDONLY | Libc.O_NOCTTY), place);
        return TryRead(disc, place, status.IsBlockDevice ? place : null, log);
    }

    // A disc may hold two file systems, of which one is a stub or damaged, or not known to the kernel. What one reader
    // cannot find, the next may.
    private static ProvisioningFiles? TryRead(Stream disc, string place, string? device, Log log)
    {
        bool hasFileSystem = false;
        Exception? first = null;
        foreach ((string? reader, Func<ProvisioningFiles?> tryRead) in ((string?, Func<ProvisioningFiles?>)[])
            [
                ("the kernel's udf", () => Mounted("udf")),
                ("the kernel's iso9660", () => Mounted("iso9660")),
                ("the built-in UDF reader", () => UdfImage.TryOpen(disc) is { } udf ? Found(udf.TryReadFile) : null),
                ("the built-in ISO 9660 reader", () => Iso9660Image.TryOpen(disc) is { } iso ? Found(iso.TryReadFile) : null),
                (null, () => TryReadXml(disc, place) is { } xml ? new ProvisioningFiles(xml, null, null) : null),
            ])
        {
            try
            {
                if (tryRead() is { } files)
                {
                    return files with { Device = device, Reader = reader };
                }
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                log.Debug($"'{place}': {e.Message}");
                first ??= e;
            }
        }

        return first is null && !hasFileSystem ? null : throw first ?? Missing();

        ProvisioningFiles? Found(Func<string, int, byte[]?> read)
        {
            hasFileSystem = true;
            return TryFind(read);
        }

        ProvisioningFiles? Mounted(string type) =>
            device is null ? null : MountedDisc.TryRead(device, type, root => Found(ReaderOf(root)), log);
    }

    private static ProvisioningFiles? TryFind(Func<string, int, byte[]?> read) =>
        read(OvfName, OvfXml.MaxSize) is { } ovf
            ? new ProvisioningFiles(ovf, read(CustomDataName, OvfXml.MaxSize), null)
            : null;

    private static Func<string, int, byte[]?> ReaderOf(SystemRoot directory)
    {
        IReadOnlyList<string> names = directory.NamesIn("/");
        return (name, limit) =>
        {
            int index = DiscName.Find(names, name, isoCharacters: true);
            return index < 0 ? null : directory.TryRead(names[index], limit);
        };
    }

    /// <summary>The file itself when it looks like XML: a tag or a byte order mark at the start.</summary>
    private static byte[]? TryReadXml(Stream file, string place)
    {
        if (file.Length is 0 or > OvfXml.MaxSize)
        {
            return null;
        }

        byte[] bytes = new Disc(file).Read(0, (int)file.Length, place);
        return bytes.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'<' or 0xEF or 0xFE or 0xFF, ..] or [0, (byte)'<', ..]
            ? bytes
            : null;
    }

    private static FileNotFoundException Missing() => new($"there is no {OvfName} on it");
}
