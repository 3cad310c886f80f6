using System;
using Azprovision.Accounts;
using Azprovision.Azure;
using Azprovision.Configuration;
using Azprovision.Media;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>The sequence: what is read, what is done, in which order, and what each failure means.</summary>
internal sealed class Provisioner(Host host, Options options)
{
    private readonly StepRunner _steps = new(host.Log);
    private readonly Identity _identity = new(host, options);
    private readonly WayIn _wayIn = new(host, options);

    internal int Run()
    {
        using var platform = new PlatformLink(host, options);
        var failure = new FailureReport(host, options, _identity, platform);
        try
        {
            var sources = new Sources(host, options, _steps, platform, _wayIn);
            if (options.DryRun)
            {
                new DryRun(host, options, _steps, _identity, _wayIn).Run(sources);
            }
            else
            {
                Provision(platform, sources, failure);
            }

            return 0;
        }
        catch (ProvisioningException e)
        {
            return failure.Tell(e);
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            // The platform is told of our own mistakes too; Main has the other broad catch, for what comes before this.
            string text = $"internal error: {bug.GetType().Name}: {Printable.Of(bug.Message)}";
            return failure.Tell(new ProvisioningException(Failure.Internal, text));
        }
    }

    private void Provision(PlatformLink platform, Sources sources, FailureReport failure)
    {
        if (!Libc.IsRoot)
        {
            throw new ProvisioningException(Failure.NotRoot, "must be run by root (only --dry-run needs no rights)");
        }

        RunLock.Take(host);
        failure.IsWanted = true;
        _steps.Must("identify the machine", Failure.SystemFiles, _identity.Read);
        if (!options.Force && _steps.Must("look for the marker", Failure.SystemFiles, () => _identity.IsProvisioned(platform))
            && ForgetfulRoot.TryRecall(host, options, _identity.VmId, out MachineSpec? forgotten))
        {
            failure.WasReady = true;
            options.WarnOfProblem(host.Log);
            StayProvisioned(forgotten);
            failure.Forget();
            return;
        }

        HostEntropy.Feed(host);
        if (!sources.TrySettle(_identity, out MachineSpec? spec, out MediaContents? media))
        {
            return;
        }

        var messages = new HostMessages(host, options, _steps);
        bool isRenamed = spec is not null && Libc.GetHostName() != spec.HostName.Text;
        if (spec is not null || !options.NeedsData)
        {
            Apply(spec);
        }

        if (options.Steps.HasFlag(Steps.Report))
        {
            _steps.Must("bring the network up", Failure.Network, () => platform.Open(spec?.HostName, host.Deadline));
            messages.WriteSuccess(_identity.VmId);
            _steps.Must("report ready", Failure.Platform, () => platform.Report(HealthReport.Ready, host.Deadline));
            failure.WasReady = true;
            host.Log.Info("the platform accepted the report 'Ready'");
        }

        _identity.Learn(platform.InstanceId);
        if (!options.IsPartial)
        {
            using var mark = new MachinePlan(host, options);   // at once: the platform may take the DVD away now
            mark.Mark(_identity.VmId, spec);
            mark.Commit();
        }

        if (spec is not null && options.Steps.HasFlag(Steps.HostName))
        {
            platform.Publish(spec.HostName, isRenamed, host.Deadline);
        }

        messages.TellHostKeys(platform);
        if (media?.Device is { } dvd)
        {
            _steps.Try("eject the DVD", () => ProvisioningMedia.Eject(dvd));
        }
    }

    private void StayProvisioned(MachineSpec? forgotten)
    {
        if (forgotten is not null)
        {
            host.Log.Info($"this root is new: it is made VM {_identity.VmId} again by the record in {options.State}");
            Apply(forgotten);
            return;
        }

        host.Log.Info($"already provisioned for VM {_identity.VmId}");
        if (options.ResourceDisk is not null)
        {
            using var disk = new MachinePlan(host, options);   // at every boot: it may be a new one
            disk.PrepareResourceDisk();
            disk.Commit();
        }
    }

    /// <summary>All or nothing: the plan is complete, and so the data and the image are sound, before the first byte is written.</summary>
    private void Apply(MachineSpec? spec)
    {
        try
        {
            spec?.RequireWanted();
            if (spec is { User.Recorded: null })
            {
                _wayIn.Require(spec);
            }

            // Nobody else may write the account files from the moment they are read to the moment they are replaced.
            using Descriptor? accounts = spec is not null && (options.Steps & (Steps.User | Steps.Password)) != Steps.None
                ? _steps.Must("lock the account files", Failure.SystemFiles, () => AccountLock.Take(host.Files, host.Deadline))
                : null;
            using var plan = new MachinePlan(host, options);
            plan.AddSteps(spec, _wayIn);
            plan.Commit();
        }
        finally
        {
            spec?.WipePrivateKeys();
        }
    }
}
