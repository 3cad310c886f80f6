using System.IO;
using Azprovision.Configuration;
using Azprovision.Media;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>Where the data come from: the media, and IMDS for what they do not say or where there are none.</summary>
internal sealed class Sources(Host host, Options options, StepRunner steps, PlatformLink platform)
{
    /// <summary>What the platform's media or IMDS say is asked for by all steps but these.</summary>
    private bool NeedsData => (options.Steps & ~(Steps.System | Steps.ResourceDisk | Steps.Report)) != Steps.None;

    /// <summary>False: DMI names another platform, and there are no media that say this one.</summary>
    /// <param name="spec">null: no step needs one</param>
    internal bool TrySettle(Identity identity, out MachineSpec? spec, out MediaContents? media)
    {
        spec = null;
        media = null;
        bool isForeign = identity.IsAzure == false && options.Media is null or "none";
        // Nothing to look for: no media are wanted, or nothing is but a report, and nobody named a platform for it.
        bool isSurelyForeign = isForeign && (NeedsData ? options.Media is not null : options.WireServer is null);
        if (!isSurelyForeign && NeedsData)
        {
            media = TryReadMedia(identity.IsAzure);
        }

        if (isSurelyForeign || (isForeign && NeedsData && media is null))
        {
            host.Log.Info("this is not Azure: nothing to do");
            return false;
        }

        if (NeedsData)
        {
            spec = Settle(identity.VmId, media);
            identity.Learn(spec.VmId);
        }

        return true;
    }

    /// <summary>Null: there are none, and IMDS may do, or the machine is not the platform's.</summary>
    private MediaContents? TryReadMedia(bool? isAzure)
    {
        if (options.Media == "none")
        {
            return options.Imds is not null
                ? null
                : throw new ProvisioningException(Failure.NoData, "--media none and --imds none leave no provisioning data");
        }

        try
        {
            MediaContents media = steps.Must(
                "read the provisioning media",
                Failure.NoData,
                () => ProvisioningMedia.Read(host, options.Media, options.MediaWait),
                malformed: Failure.BadData);
            host.Log.Info($"read ovf-env.xml from {media.Source}");
            return media;
        }
        catch (ProvisioningException e) when (
            e.Failure == Failure.NoData && options.Media is null && (options.Imds is not null || isAzure == false))
        {
            host.Log.Warning(e.Message);
            return null;
        }
    }

    /// <summary>Decides by the media alone if they say it all, else with the help of IMDS.</summary>
    private MachineSpec Settle(string? vmId, MediaContents? media)
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
