using Azprovision.Configuration;
using Azprovision.Media;
using Azprovision.Run;
using Azprovision.Settings;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>Which machine this is: by DMI, or by what the platform says where there is none (tiny kernels, some images).</summary>
internal sealed class Identity(Host host, Options options)
{
    private readonly State _state = new(options.State);

    /// <summary>Null as long as nothing tells.</summary>
    internal string? VmId { get; private set; }

    /// <summary>Null: there is nothing that tells.</summary>
    internal bool? IsAzure { get; private set; }

    internal void Read()
    {
        DmiIdentity dmi = Dmi.Read(host.Files, host.Kernel);
        VmId = dmi.VmId;
        IsAzure = dmi.IsAzure;
    }

    /// <summary>Takes an id that the platform gave, if none is known.</summary>
    internal void Learn(string? vmId) => VmId ??= vmId;

    /// <summary>Whether this root was provisioned for this very machine. Nothing is written before that is known.</summary>
    internal bool IsProvisioned(PlatformLink platform) => TellsProvisioned() ?? IsProvisionedByPlatform(platform);

    /// <summary>The same as far as it can be told here. Null: only the platform can tell.</summary>
    internal bool? TellsProvisioned()
    {
        if (!_state.HasMarker(host.Files))
        {
            return false;
        }

        if (VmId is null && (!options.Steps.HasFlag(Steps.Report) || _state.IsProvisioned(host.Files, State.UnknownVmId)))
        {
            VmId = State.UnknownVmId;
        }

        return VmId is null ? null : _state.IsProvisioned(host.Files, VmId);
    }

    // Without DMI only the platform can tell whether a marker is this machine's or came with a captured image. The marker
    // has the id that was to be had when it was written, so each is tried.
    private bool IsProvisionedByPlatform(PlatformLink platform)
    {
        host.Log.Info("nothing here tells which machine this is, asking the platform");
        platform.Open(hostName: null, host.Deadline);
        string? fromImds = AskImds(platform, Worth.OneTry);
        if (IsProvisionedAs(fromImds))
        {
            return true;
        }

        string? fromGoalState = platform.FetchInstanceId(host.Deadline);
        if (IsProvisionedAs(fromGoalState))
        {
            return true;
        }

        // Only now: with a marker of the other kind, a moment without IMDS must not cost a boot any time.
        fromImds ??= AskImds(platform, Worth.AnOutage);
        VmId = fromImds ?? fromGoalState ?? throw new ProvisioningException(
            Failure.Platform,
            $"no DMI, no IMDS, no goal state: whether the marker in {_state.Directory} is this machine's cannot be told");
        return IsProvisionedAs(fromImds);
    }

    private string? AskImds(PlatformLink platform, Worth worth) => options.Imds is { } imds
        ? platform.TryFetchInstance(imds, null, worth)?.VmId
        : null;

    private bool IsProvisionedAs(string? vmId)
    {
        if (vmId is null || !_state.IsProvisioned(host.Files, vmId))
        {
            return false;
        }

        VmId = vmId;
        return true;
    }
}
