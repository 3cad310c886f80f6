using System;
using System.Collections.Generic;
using System.IO;
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
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    // The kernel takes its time for each read that fails, and writes about it.
    private static readonly TimeSpan s_pauseOnceUnreadable = TimeSpan.FromSeconds(1);

    private readonly Host _host;
    private readonly string? _path;
    private readonly SortedDictionary<string, Exception> _failures = new(StringComparer.Ordinal);
    private readonly HashSet<string> _settled = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Deadline> _unreadableUntil = new(StringComparer.Ordinal);
    private InvalidDataException? _malformed;   // the first document of the platform that is wrong
    private MediaContents? _found;

    private ProvisioningMedia(Host host, string? path)
    {
        _host = host;
        _path = path;
    }

    /// <summary>Reads the media, waiting for a device that is not there, not ready or not readable yet.</summary>
    /// <param name="path">device, image, directory or file; null: search the CD and DVD devices</param>
    /// <param name="isElsewhere">on another platform: nothing is waited for, and a damaged disc is no error</param>
    internal static MediaContents Read(Host host, string? path, TimeSpan wait, bool isElsewhere = false)
    {
        var media = new ProvisioningMedia(host, path);
        Deadline end = host.Deadline.Within(isElsewhere ? TimeSpan.Zero : wait);
        Retry.Until(() => media.TryAll(end), s_pause, end);
        return media._found
            ?? throw media._malformed ?? (isElsewhere ? null : media.FirstDamaged())
            ?? (Exception)new ProvisioningException(Failure.NoData, media.Describe());
    }

    /// <summary>Opens the tray, which tells the platform that the disc is no longer needed.</summary>
    internal static void Eject(string device)
    {
        using Descriptor drive = Libc.OpenAt(Libc.AT_FDCWD, device, Libc.O_RDONLY | Libc.O_NONBLOCK);
        Libc.Eject(drive.Number, device);

        // The kernel looks for another disc, and tells udev, at a time of its own, or before somebody has opened the drive
        // (block/disk-events.c). So it has told now, and whoever waits for udev waits for that too.
        using Descriptor again = Libc.OpenAt(Libc.AT_FDCWD, device, Libc.O_RDONLY | Libc.O_NONBLOCK);
    }

    /// <summary>Tries every place that has not failed for good; true when there is nothing to wait for.</summary>
    /// <param name="end">when waiting ends</param>
    private bool TryAll(Deadline end)
    {
        _host.Log.StillWaiting(_path is null ? "a DVD of the platform" : $"'{_path}'", end);
        foreach (string place in _path is null ? OpticalDrives.In(_host.Devices) : [_path])
        {
            if (!IsResting(place) && TryRead(place, end) is { } files && TryParse(files, place) is { } ovf)
            {
                _found = new MediaContents(ovf, place, files.Device, files.Reader);
                return true;
            }
        }

        // Beside a drive with another disc, the platform's may still come.
        return _malformed is not null || (_path is not null && _settled.Contains(_path));
    }

    private bool IsResting(string place) => _settled.Contains(place)
        || (_unreadableUntil.TryGetValue(place, out Deadline again) && !again.IsOver);

    private ProvisioningFiles? TryRead(string place, Deadline end)
    {
        try
        {
            const string Unknown = "neither UDF nor ISO 9660 nor XML";
            ProvisioningFiles files = ProvisioningFiles.TryRead(place, _host.Log)
                ?? throw (_path is null ? new IOException(Unknown) : new InvalidDataException($"'{place}': {Unknown}"));
            _settled.Add(place);
            return files;
        }
        catch (SyscallException e) when (IsNotReady(e) && IsDevice(place))
        {
            _failures[place] = e.Errno == Errno.ENOMEDIUM ? new IOException("no medium in it", e) : e;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            if (IsForGood(e) || !IsDevice(place))
            {
                _settled.Add(place);
            }
            else if (!end.IsOver)
            {
                TellOnce(place, e);
                _unreadableUntil[place] = end.Within(s_pauseOnceUnreadable);
            }

            _failures[place] = e;
        }

        return null;
    }

    // A drive may have its disc before it can read it: errors, zeros and a length of 0 pass.
    private static bool IsForGood(Exception e) =>
        e is FileNotFoundException or SyscallException { Errno: Errno.EACCES or Errno.EPERM };

    private void TellOnce(string place, Exception e)
    {
        if (!_failures.TryGetValue(place, out Exception? before) || before.Message != e.Message)
        {
            _host.Log.Info($"'{place}': {e.Message}; looking again");
        }
    }

    /// <summary>Null: it is another platform's, or wrong. VMware and oVirt have a file of that name too.</summary>
    private OvfEnvironment? TryParse(ProvisioningFiles files, string place)
    {
        try
        {
            OvfEnvironment? ovf = _path is null ? OvfXml.TryParse(files.Ovf) : OvfXml.Parse(files.Ovf);
            if (ovf is null)
            {
                _failures[place] = new IOException("its ovf-env.xml is not Azure's, there is no ProvisioningSection in it");
            }

            return ovf is not null && ovf.CustomData is null && files.CustomData is { Length: > 0 } customData
                ? ovf with { CustomData = OvfXml.CustomDataOf(customData) }
                : ovf;
        }
        catch (InvalidDataException e)
        {
            // The text goes into the report as it is, in cloud-init's words, so the place is told only here.
            _host.Log.Debug($"'{place}': {e.Message}");
            _malformed ??= e;
            return null;
        }
    }

    private static bool IsNotReady(SyscallException e) =>
        e.Errno is Errno.ENOENT or Errno.ENXIO or Errno.ENOMEDIUM or Errno.EBUSY or Errno.EAGAIN;

    private bool IsDevice(string place) => place.StartsWith($"{_host.Devices}/", StringComparison.Ordinal);

    private Exception? FirstDamaged()
    {
        foreach (Exception failure in _failures.Values)
        {
            if (failure is InvalidDataException)
            {
                return failure;
            }
        }

        return null;
    }

    private string Describe()
    {
        if (_failures.Count == 0)
        {
            return $"no provisioning media: there is no CD or DVD device in '{_host.Devices}'";
        }

        var reasons = new List<string>();
        foreach ((string place, Exception failure) in _failures)
        {
            reasons.Add($"'{place}': {failure.Message}");
        }

        return $"no provisioning media: {string.Join("; ", reasons)}";
    }
}

/// <summary>What the provisioning media said.</summary>
/// <param name="Source">the device or path it came from</param>
/// <param name="Device">the device to eject afterwards; null when it came from a file or directory</param>
/// <param name="Reader">what read the disc; null when it is none</param>
internal sealed record MediaContents(OvfEnvironment Ovf, string Source, string? Device, string? Reader);
