using System.IO;
using Azprovision.Configuration;
using Azprovision.Media;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>Where the data come from: the media, and IMDS for what they do not say or where there are none.</summary>
internal sealed class Sources(Host host, Options options, StepRunner steps, PlatformLink platform, WayIn wayIn)
{
    private readonly CertificateSource _certificates = new(host, options, platform);

    /// <summary>What IMDS said, if it was asked and did.</summary>
    private ImdsInstance? Instance { get; set; }

    /// <summary>False: DMI names another platform, and there are no media that say this one.</summary>
    /// <param name="spec">null: no step needs one, or the platform wants nothing of this machine but to hear that it is there</param>
    internal bool TrySettle(Identity identity, out MachineSpec? spec, out MediaContents? media)
    {
        spec = null;
        media = null;
        bool isForeign = IsForeign(options, identity.IsAzure);
        if (!isForeign)
        {
            RequireNoProblem();
        }

        bool isSurelyForeign = IsSurelyForeign(options, identity.IsAzure);
        if (!isSurelyForeign && options.NeedsData)
        {
            media = TryReadMedia(identity.IsAzure);
        }

        if (isSurelyForeign || (isForeign && options.NeedsData && media is null))
        {
            options.WarnOfProblem(host.Log);
            host.Log.Info("this is not Azure: nothing to do");
            return false;
        }

        RequireNoProblem();   // elsewhere only with media of the platform: else a mistake is not worth a network and a report
        if (media?.Ovf.ProvisionGuestProxyAgent == true && !options.DryRun)
        {
            steps.Must("ask the guest proxy agent", Failure.Incomplete, () => GuestProxyAgent.Require(host));
        }

        if (options.NeedsData)
        {
            spec = Settle(identity.VmId, media);
            identity.Learn(spec?.VmId ?? Instance?.VmId);
            if (spec is null)
            {
                host.Log.Info("IMDS names no user and no host: this VM was made from a specialized disk, nothing is changed");
            }
        }

        return true;
    }

    /// <summary>Another platform by DMI, and nothing to look for: no media are wanted, or only a report to nobody named.</summary>
    internal static bool IsSurelyForeign(Options options, bool? isAzure) => IsForeign(options, isAzure)
        && (options.NeedsData ? options.Media is not null : options.WireServer is null);

    private static bool IsForeign(Options options, bool? isAzure) => isAzure == false && options.Media is null or "none";

    private void RequireNoProblem()
    {
        if (options.Problem is { } problem)
        {
            throw problem;
        }
    }

    /// <summary>Null: there are none, and IMDS may do, or the machine is not the platform's.</summary>
    private MediaContents? TryReadMedia(bool? isAzure)
    {
        if (options.Media == "none")
        {
            return options.Imds is not null
                ? null
                : throw new ProvisioningException(Failure.NoData, options.LeavesImdsOut
                    ? "--media none and no --imds on the command line of a dry run leave no provisioning data"
                    : "--media none and --imds none leave no provisioning data");
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

    /// <summary>
    /// Decides by the media alone if they say it all, else with the help of IMDS. Null: there are no media, and by IMDS the
    /// platform wants nothing of this machine.
    /// </summary>
    private MachineSpec? Settle(string? vmId, MediaContents? media)
    {
        OvfEnvironment? ovf = media is null ? null : _certificates.TakeKeys(media.Ovf);
        MachineSpec? spec = ovf is null ? null : TrySettle(vmId, ovf);
        if (ovf is null)
        {
            // Told apart from here on: no network (20), or a network but no IMDS (10).
            steps.Must("bring the network up", Failure.Network, () => platform.Open(null, host.Deadline));
            Instance = steps.Must("ask IMDS", Failure.NoData, () => platform.FetchInstance(options.Imds!));
            if (Instance.WantsNothing)
            {
                return null;
            }
        }
        else if (options.Imds is { } imds && WorthAsking(ovf, spec) is { } worth)
        {
            Instance = platform.TryFetchInstance(imds, spec?.HostName, worth);
        }

        ImdsInstance? said = Instance is null ? null : _certificates.TakeKeys(Instance);
        said = said is null || ovf is null || options.UserData ? said : said with { UserData = null };
        if (spec is null || said is not null)
        {
            spec = steps.Must("settle what to provision", Failure.BadData, () => MachineSpec.From(vmId, ovf, said));
        }

        if (_certificates.TryFetch(spec) is { } all)
        {
            spec = steps.Must("settle what to provision", Failure.BadData, () => MachineSpec.From(vmId, ovf, said, all));
        }

        foreach (string warning in spec.Warnings)
        {
            host.Log.Warning(warning);
        }

        return spec;
    }

    /// <summary>How much IMDS could add to what the media say; null: nothing.</summary>
    private Worth? WorthAsking(OvfEnvironment ovf, MachineSpec? spec)
    {
        if (spec is null || (spec.UnknownKey is null && wayIn.WhyNone(spec) is not null))
        {
            return Worth.TheRun;
        }

        // Of a key that is known by a fingerprint, the wire server may have the certificate.
        bool wantsUserData = options.UserData && spec.CustomData is null && options.Steps.HasFlag(Steps.CustomData);
        return spec.UnknownKey is not null ? Worth.AnOutage
            : wantsUserData || MachineSpec.LeavesOpen(ovf) ? Worth.OneTry
            : null;
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
