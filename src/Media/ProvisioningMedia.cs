using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Media;

/// <summary>
/// Finds the provisioning media and reads them: the first place with an ovf-env.xml that the platform wrote. Custom data
/// that the OVF does not have may lie beside it.
/// </summary>
internal sealed class ProvisioningMedia
{
    private const string OvfName = "ovf-env.xml";
    private const string CustomDataName = "CustomData.bin";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    private readonly Host _host;
    private readonly string? _path;
    private readonly SortedDictionary<string, string> _failures = new(StringComparer.Ordinal);
    private readonly HashSet<string> _settled = new(StringComparer.Ordinal);
    private InvalidDataException? _malformed;
    private MediaContents? _found;

    private ProvisioningMedia(Host host, string? path)
    {
        _host = host;
        _path = path;
    }

    /// <summary>Reads the media, waiting for a device that is not there or not ready yet.</summary>
    /// <param name="path">device, image, directory or file; null: search the CD and DVD devices</param>
    internal static MediaContents Read(Host host, string? path, TimeSpan wait)
    {
        var media = new ProvisioningMedia(host, path);
        Retry.Until(media.TryAll, s_pause, host.Deadline.Within(wait));
        return media._found
            ?? throw (Exception?)media._malformed ?? new ProvisioningException(Failure.NoData, media.Describe());
    }

    /// <summary>Opens the tray, which tells the platform that the disc is no longer needed.</summary>
    internal static void Eject(string device)
    {
        using Descriptor drive = Libc.OpenAt(Libc.AT_FDCWD, device, Libc.O_RDONLY | Libc.O_NONBLOCK);
        Libc.Eject(drive.Number, device);
    }

    /// <summary>Tries every place that has not failed for good; true when nothing is left to wait for.</summary>
    private bool TryAll()
    {
        List<string> places = _path is null ? OpticalDrives.In(_host.Devices) : [_path];
        bool mayAppear = places.Count == 0;
        foreach (string place in places)
        {
            if (_settled.Contains(place))
            {
                continue;
            }

            try
            {
                _found = Read(place);
                return true;
            }
            catch (SyscallException e) when (IsNotReady(e) && IsDevice(place))
            {
                _failures[place] = e.Errno == Errno.ENOMEDIUM ? "no medium in it" : e.Message;
                mayAppear = true;
            }
            catch (IOException e)
            {
                _failures[place] = e.Message;
                _settled.Add(place);
            }
            catch (InvalidDataException e)
            {
                // The text goes into the report as it is, in cloud-init's words, so the place is told only here.
                _host.Log.Debug($"'{place}': {e.Message}");
                _malformed ??= e;
                _settled.Add(place);
            }
        }

        return !mayAppear;
    }

    private static bool IsNotReady(SyscallException e) =>
        e.Errno is Errno.ENOENT or Errno.ENXIO or Errno.ENOMEDIUM or Errno.EBUSY or Errno.EAGAIN;

    private bool IsDevice(string place) => place.StartsWith($"{_host.Devices}/", StringComparison.Ordinal);

    private string Describe()
    {
        if (_failures.Count == 0)
        {
            return $"no provisioning media: there is no CD or DVD device in '{_host.Devices}'";
        }

        var reasons = new List<string>();
        foreach ((string place, string reason) in _failures)
        {
            reasons.Add($"'{place}': {reason}");
        }

        return $"no provisioning media: {string.Join("; ", reasons)}";
    }

    private MediaContents Read(string place)
    {
        FileStatus status;
        using (Descriptor name = Libc.OpenAt(Libc.AT_FDCWD, place, Libc.O_PATH))
        {
            status = Libc.StatusOf(name.Number, place);
        }

        if (status.IsDirectory)
        {
            using SystemRoot directory = SystemRoot.Open(place);
            return new MediaContents(ReadFrom(directory), place, null);
        }

        if (!status.IsBlockDevice && !status.IsRegular)
        {
            throw new IOException("neither a block device nor a file nor a directory");
        }

        // Without O_NONBLOCK, so that a drive without a medium says so.
        using var disc = new DescriptorStream(
            Libc.OpenAt(Libc.AT_FDCWD, place, Libc.O_RDONLY | Libc.O_NOCTTY), place);
        return status.IsBlockDevice
            ? new MediaContents(MountedDisc.TryRead(place, ReadFrom, _host.Log) ?? ReadFrom(disc, place), place, place)
            : new MediaContents(ReadFrom(disc, place), place, null);
    }

    private static OvfEnvironment ReadFrom(SystemRoot directory)
    {
        IReadOnlyList<string> names = directory.NamesIn("/");
        return ReadFiles((name, limit) =>
        {
            int index = DiscName.Find(names, name, isoCharacters: true);
            return index < 0 ? null : directory.TryRead(names[index], limit);
        });
    }

    private static OvfEnvironment ReadFrom(Stream disc, string place)
    {
        if (UdfImage.TryOpen(disc) is { } udf)
        {
            return ReadFiles(udf.TryReadFile);
        }

        if (Iso9660Image.TryOpen(disc) is { } iso)
        {
            return ReadFiles(iso.TryReadFile);
        }

        return TryReadXml(disc, place) is { } xml
            ? OvfXml.Parse(xml)
            : throw new IOException("neither UDF nor ISO 9660 nor XML");
    }

    private static OvfEnvironment ReadFiles(Func<string, int, byte[]?> read)
    {
        byte[] bytes = read(OvfName, OvfXml.MaxSize) ?? throw new IOException($"there is no {OvfName} on it");
        OvfEnvironment ovf = OvfXml.Parse(bytes);
        return ovf.CustomData is null && read(CustomDataName, OvfXml.MaxCustomData) is { Length: > 0 } customData
            ? ovf with { CustomData = new Secret(customData) }
            : ovf;
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
}

/// <summary>What the provisioning media said.</summary>
/// <param name="Source">the device or path it came from</param>
/// <param name="Device">the device to eject afterwards; null when it came from a file or directory</param>
internal sealed record MediaContents(OvfEnvironment Ovf, string Source, string? Device);
