using System;
using System.IO;
using Azprovision.Accounts;
using Azprovision.Azure;
using Azprovision.Io;
using Azprovision.Media;
using Azprovision.Native;
using Azprovision.Settings;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>The sequence: what is read, what is done, in which order, and what each failure means.</summary>
internal sealed class Provisioner(Host host, Options options)
{
    // A machine that failed should say so, but not hold up its boot for as long as one that works may take.
    private static readonly TimeSpan s_failureReport = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_lockLook = TimeSpan.FromMilliseconds(100);

    private readonly WireServer _platform = new(host, Product.Version);
    private readonly StepRunner _steps = new(host, options.DryRun);
    private string? _vmId;

    internal int Run()
    {
        try
        {
            if (options.DryRun)
            {
                Plan();
            }
            else
            {
                Provision();
            }

            return 0;
        }
        catch (ProvisioningException e)
        {
            host.Log.Error(e.Message);
            ReportFailure(e);
            return (int)e.Failure;
        }
    }

    private void Plan()
    {
        _vmId = Dmi.Read(host.Files, host.Kernel).VmId;
        MachineSpec? spec = null;
        if (NeedsMedia)
        {
            spec = Settle(ReadMedia());
            Configure(spec);
        }

        ApplySystem();
        Mark(spec);
        Libc.WriteAll(1, PlanJson.Serialize(_vmId, spec, _steps.Listed), "standard output");
    }

    private void Provision()
    {
        if (!Libc.IsRoot)
        {
            throw new ProvisioningException(Failure.NotRoot, "must be run by root (only --dry-run needs no rights)");
        }

        WaitForOtherRun();
        DmiIdentity dmi = Dmi.Read(host.Files, host.Kernel);
        if (IsProvisioned(dmi))
        {
            host.Log.Info($"already provisioned for VM {_vmId}");
            return;
        }

        MachineSpec? spec = null;
        string? dvd = null;
        if (NeedsMedia)
        {
            if (!TryReadMedia(dmi, out MediaContents? media))
            {
                return;
            }

            dvd = media.Device;
            spec = Settle(media);
            _steps.Must("settle what to provision", Failure.BadData, () => spec.RequireLogin(media.Ovf));
            RefusePreprovisioned(spec);
            Configure(spec);
        }

        ApplySystem();
        if (options.Steps.HasFlag(Steps.Report))
        {
            _steps.Must("report ready", Failure.Platform, () => _platform.Report(HealthReport.Ready, host.Deadline));
            host.Log.Info($"the platform at {host.WireServer} accepted the report 'Ready'");
        }

        if (!options.IsPartial)
        {
            _vmId ??= State.AsVmId(_platform.InstanceId);
            Mark(spec);
        }

        if (dvd is not null)
        {
            _steps.Try("eject the DVD", () => ProvisioningMedia.Eject(dvd));
        }
    }

    /// <summary>What the platform's media do not tell: everything else can do without them.</summary>
    private bool NeedsMedia => (options.Steps & ~(Steps.System | Steps.Report)) != Steps.None;

    /// <summary>
    /// Takes the lock that keeps a second copy of this program waiting: one on the root directory itself, which needs no
    /// file and works on a read-only root. It ends with the process.
    /// </summary>
    private void WaitForOtherRun()
    {
        if (!Libc.TryLock(host.Files.DescriptorNumber, host.Files.Path))
        {
            host.Log.Info("another azprovision is at work, waiting for it");
            if (!Retry.Until(() => Libc.TryLock(host.Files.DescriptorNumber, host.Files.Path), s_lockLook, host.Deadline))
            {
                throw new ProvisioningException(Failure.TimedOut, "another azprovision was still at work when --timeout was over");
            }
        }
    }

    /// <summary>Whether this root was provisioned for this very machine. Nothing is written before that is known.</summary>
    private bool IsProvisioned(DmiIdentity dmi)
    {
        _vmId = dmi.VmId;
        if (options.Force)
        {
            return false;
        }

        if (_vmId is null && State.HasMarker(host.Files))
        {
            // Only the platform can tell whether the marker is this machine's or came with a captured image.
            if (options.Steps.HasFlag(Steps.Report) && !State.IsProvisioned(host.Files, State.UnknownVmId))
            {
                host.Log.Info("nothing here tells which machine this is, asking the platform");
                _vmId = State.AsVmId(_platform.TryFetchGoalState(host.Deadline)?.InstanceId)
                    ?? throw new ProvisioningException(
                        Failure.Platform,
                        $"no DMI, no goal state from {host.WireServer}: whether the marker in {State.Directory} is this machine's cannot be told");
            }

            return State.IsProvisioned(host.Files, _vmId ?? State.UnknownVmId);
        }

        return _vmId is not null && State.IsProvisioned(host.Files, _vmId);
    }

    /// <summary>False: this is no Azure machine, and nobody said that it should be treated like one.</summary>
    private bool TryReadMedia(DmiIdentity dmi, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out MediaContents? media)
    {
        try
        {
            media = ReadMedia();
            return true;
        }
        catch (ProvisioningException e) when (
            e.Failure == Failure.NoData && options.Media is null && dmi.IsAzure == false)
        {
            host.Log.Info($"this is not Azure and there is no provisioning DVD: nothing to do ({e.Message})");
            media = null;
            return false;
        }
    }

    private MediaContents ReadMedia() => _steps.Must(
        "read the provisioning media",
        Failure.NoData,
        () => options.Media == "none"
            ? throw new ProvisioningException(Failure.NoData, "--media none: no provisioning data are left to read")
            : ProvisioningMedia.Read(host, options.Media, options.MediaWait),
        malformed: Failure.BadData);

    private MachineSpec Settle(MediaContents media)
    {
        host.Log.Info($"read ovf-env.xml from {media.Source}");
        MachineSpec spec = _steps.Must("settle what to provision", Failure.BadData, () => MachineSpec.From(_vmId, media.Ovf));
        foreach (string warning in spec.Warnings)
        {
            host.Log.Warning(warning);
        }

        return spec;
    }

    private static void RefusePreprovisioned(MachineSpec spec)
    {
        if (spec.PreprovisionedVm != PreprovisionedVmType.None)
        {
            throw new ProvisioningException(
                Failure.Preprovisioned,
                $"the platform parked this machine (PreprovisionedVMType {spec.PreprovisionedVm}), which this version cannot wait for");
        }
    }

    private void Configure(MachineSpec spec)
    {
        SystemRoot files = host.Files;
        Apply(Steps.HostName, "set the host name", Failure.HostName,
            changes => SystemHostName.Plan(changes, files, spec.HostName));
        if ((options.Steps & (Steps.User | Steps.Password | Steps.Sudo | Steps.SshKeys)) != Steps.None)
        {
            Account account = ApplyAccount(spec.User);
            Apply(Steps.Sudo, "set up sudo", Failure.Sudo,
                changes => SudoRule.Plan(changes, files, account, options.Sudo));
            Apply(Steps.SshKeys, "authorize SSH keys", Failure.SshKeys,
                changes => AuthorizedKeys.Plan(changes, files, account, spec.User.Keys, host.Log));
        }

        Apply(Steps.Sshd, "set up sshd", Failure.Sshd,
            changes => SshdSettings.Plan(changes, files, spec.SshPasswordAuthentication, host.Log));
        Apply(Steps.CustomData, "write custom data", Failure.CustomData, changes =>
        {
            CustomDataFile.Plan(changes, spec.CustomData);
            if (options.RunCustomData)
            {
                CustomDataScript.Plan(changes, host, spec.CustomData);
            }
        });
        if (options.WaagentFiles)
        {
            _steps.Apply("write the Azure Linux Agent's files", Failure.SystemFiles, changes => WaagentFiles.Plan(changes, spec));
        }
    }

    /// <summary>Both steps write the same files, so they are one plan, under the lock that other tools take for them.</summary>
    private Account ApplyAccount(UserSpec user)
    {
        var selected = new AccountOptions(
            options.Steps.HasFlag(Steps.User), options.Steps.HasFlag(Steps.Password), options.Groups, options.DryRun);
        string what = selected.MakesUser ? "create the user" : "set the password";
        return _steps.Must(what, Failure.SystemFiles, () =>
        {
            using Descriptor? held = options.DryRun || !(selected.MakesUser || selected.SetsPassword)
                ? null
                : AccountLock.Take(host.Files, host.Deadline);
            var changes = new ChangeSet(host.Files);
            Account account = UserAccount.Plan(changes, host.Files, user, selected, host.Time, host.Log);
            _steps.Commit(what, changes.Changes);
            return account;
        });
    }

    private void ApplySystem() =>
        Apply(Steps.System, "adapt system files", Failure.SystemFiles,
            changes => SystemFiles.Plan(changes, host.Files, host.Kernel));

    private void Mark(MachineSpec? spec) => _steps.Apply("mark as provisioned", Failure.SystemFiles, changes =>
    {
        State.PlanCopy(changes, spec?.Ovf);
        if (options.WaagentFiles)
        {
            WaagentFiles.PlanProvisioned(changes, _vmId);
        }

        State.PlanMarker(changes, _vmId);
    });

    private void Apply(Steps step, string what, Failure failure, Action<ChangeSet> plan)
    {
        if (options.Steps.HasFlag(step))
        {
            _steps.Apply(what, failure, plan);
        }
    }

    private void ReportFailure(ProvisioningException e)
    {
        if (options.DryRun || !options.Steps.HasFlag(Steps.Report)
            || e.Failure is Failure.NotRoot or Failure.Network or Failure.Platform or Failure.TimedOut)
        {
            return;
        }

        string cause = CauseOf(e).Message;
        string agent = $"{Product.Name}/{Product.Version}";
        // What is wrong with the data is the reason, in the words of cloud-init where it has some.
        string report = e.Failure == Failure.BadData
            ? ProvisioningReport.Failure(cause, agent, [], _vmId, host.Time.GetUtcNow())
            : ProvisioningReport.Failure(
                FailureReason.Of(e.Failure), agent, [$"error={cause}"], _vmId, host.Time.GetUtcNow());
        try
        {
            _platform.Report(HealthReport.Failed(report), host.Deadline.Within(s_failureReport));
            host.Log.Info($"the platform at {host.WireServer} accepted the report 'NotReady'");
        }
        catch (ProvisioningException unreported)
        {
            host.Log.Warning($"the failure was not reported: {unreported.Message}");
        }
    }

    /// <summary>The message as it was before the steps that it passed through put their names before it.</summary>
    private static Exception CauseOf(Exception e)
    {
        while (e.InnerException is ProvisioningException or InvalidDataException or IOException or TimeoutException)
        {
            e = e.InnerException;
        }

        return e;
    }
}
