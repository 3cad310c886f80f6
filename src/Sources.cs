using System.IO;
using Azprovision.Configuration;
using Azprovision.Media;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>Where the data come from: the media, and IMDS for what they do not say or where there are none.</summary>
internal sealed class Sources(Host host, Options options, StepRunner steps, PlatformLink platform)
{
    /// <summary>Null: there are none, and IMDS may do, or the machine is not the platform's.</summary>
    internal MediaContents? TryReadMedia(bool? isAzure)
    {
        if (options.Media == "none")
        {
            return options.Imds is not null
                ? null
                : throw new ProvisioningException(Failure.NoData, "--media none and --imds none leave no provisioning data");
        }

        bool isElsewhere = isAzure == false && options.Media is null;
        try
        {
            MediaContents media = steps.Must(
                "read the provisioning media",
                Failure.NoData,
                () => ProvisioningMedia.Read(host, options.Media, options.MediaWait, isElsewhere),
                malformed: Failure.BadData);
            host.Log.Info($"read ovf-env.xml from {media.Source}");
            return media;
        }
        catch (ProvisioningException e) when (
            e.Failure == Failure.NoData && (isElsewhere || (options.Media is null && options.Imds is not null)))
        {
            host.Log.Warning(e.Message);
            return null;
        }
    }

    /// <summary>Decides by the media alone if they say it all, else with the help of IMDS.</summary>
    internal MachineSpec Settle(string? vmId, MediaContents? media)
    {
        MachineSpec? spec = media is null ? null : TrySettle(vmId, media.Ovf);
        bool isComplete = spec is not null && spec.UnknownKey is null;
        ImdsInstance? instance = null;
        if (media is null)
        {
            // Told apart from here on: no network (20), or a network but no IMDS (10).
            steps.Must("bring the network up", Failure.Network, () => platform.Open(null, host.Deadline));
            instance = steps.Must("ask IMDS", Failure.NoData, () => platform.FetchInstance(options.Imds!));
        }
        else if (options.Imds is { } imds && (!isComplete || MachineSpec.LeavesOpen(media.Ovf)))
        {
            instance = platform.TryFetchInstance(imds, spec?.HostName, isNeeded: !isComplete);
        }

        if (spec is null || instance is not null)
        {
            spec = steps.Must("settle what to provision", Failure.BadData, () => MachineSpec.From(vmId, media?.Ovf, instance));
        }

        foreach (string warning in spec.Warnings)
        {
            host.Log.Warning(warning);
        }

        return spec;
    }

    private static MachineSpec? TrySettle(string? vmId, OvfEnvironment ovf)
    {
        try
        {
            return MachineSpec.From(vmId, ovf, null);
        }
        catch (InvalidDataException)
        {
            return null;   // told when IMDS knows no better
        }
    }
}
