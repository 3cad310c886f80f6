using System;
using System.IO;
using Azprovision.Accounts;
using Azprovision.Azure;
using Azprovision.Configuration;
using Azprovision.Files;
using Azprovision.Media;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Settings;
using Azprovision.Spec;
using Azprovision.Sshd;

namespace Azprovision;

/// <summary>The sequence: what is read, what is done, in which order, and what each failure means.</summary>
internal sealed class Provisioner(Host host, Options options)
{
    private const string NotAzure = "this is not Azure: nothing to do";

    // A machine that failed should say so, but not hold up its boot for as long as one that works may take.
    private static readonly TimeSpan s_failureReport = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_lockLook = TimeSpan.FromMilliseconds(100);

    private readonly StepRunner _steps = new(host, options.DryRun);
    private readonly Identity _identity = new(host, options);
    private readonly WayIn _wayIn = new(host, options);
    private bool _isAlone;   // holds the lock: before that, what there is to report is another run's

    /// <summary>What the platform's media or IMDS say is asked for by all steps but these two.</summary>
    private bool NeedsData => (options.Steps & ~(Steps.System | Steps.Report)) != Steps.None;

    /// <summary>DMI says another platform, and nobody named media that say this one.</summary>
    private bool IsElsewhere => _identity.IsAzure == false && options.Media is null or "none";

    /// <summary>So much so that there is nothing to look for: no media are wanted, and nobody named a platform either.</summary>
    private bool IsSurelyElsewhere =>
        IsElsewhere && (NeedsData ? options.Media is not null : options.WireServer is null);

    internal int Run()
    {
        using var platform = new PlatformLink(host, options);
        try
        {
            if (options.DryRun)
            {
                Plan(platform);
            }
            else
            {
                Provision(platform);
            }

            return 0;
        }
        catch (ProvisioningException e)
        {
            return Fail(platform, e);
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            // The platform is told of our own mistakes too; Main has the other broad catch, for what comes before this.
            string text = $"internal error: {bug.GetType().Name}: {Printable.Of(bug.Message)}";
            return Fail(platform, new ProvisioningException(Failure.Internal, text));
        }
    }

    private int Fail(PlatformLink platform, ProvisioningException e)
    {
        host.Log.Error(e.Message);
        ReportFailure(platform, e);
        return (int)e.Failure;
    }

    private void Plan(PlatformLink platform)
    {
        _steps.Must("identify the machine", Failure.SystemFiles, _identity.Read);
        MachineSpec? spec = null;
        bool isOurs = !NeedsData || TrySettle(platform, out spec, out _);
        if (spec is not null)
        {
            Configure(spec);
        }

        if (spec is not null || !NeedsData)
        {
            ApplySystem();
        }

        if (isOurs && !options.IsPartial)
        {
            Mark(spec);
        }

        Libc.WriteAll(1, PlanJson.Serialize(_identity.VmId, spec, _steps.Listed), "standard output");
        if (spec is not null && _wayIn.WhyNone(spec) is { } why)
        {
            if (!options.LeavesImdsOut)
            {
                throw new ProvisioningException(Failure.SshKeys, why);
            }

            host.Log.Warning($"{why}; IMDS, which may know better, is only asked by a dry run whose command line names --imds");
        }
    }

    private void Provision(PlatformLink platform)
    {
        if (!Libc.IsRoot)
        {
            throw new ProvisioningException(Failure.NotRoot, "must be run by root (only --dry-run needs no rights)");
        }

        WaitForOtherRun();
        _isAlone = true;
        _steps.Must("identify the machine", Failure.SystemFiles, _identity.Read);
        if (!options.Force && _steps.Must("look for the marker", Failure.SystemFiles, () => _identity.IsProvisioned(platform)))
        {
            host.Log.Info($"already provisioned for VM {_identity.VmId}");
            return;
        }

        if (IsSurelyElsewhere)
        {
            host.Log.Info(NotAzure);
            return;
        }

        MediaContents? media = null;
        bool isRenamed = false;
        MachineSpec? spec = null;
        if (NeedsData && !TrySettle(platform, out spec, out media))
        {
            return;
        }

        if (spec is not null)
        {
            RefuseUnusable(spec);
            isRenamed = Libc.GetHostName() != spec.HostName.Text;
            Configure(spec);
        }

        if (spec is not null || !NeedsData)
        {
            ApplySystem();
        }

        if (options.Steps.HasFlag(Steps.Report))
        {
            OpenPlatform(platform, spec?.HostName);
            _steps.Must("report ready", Failure.Platform, () => platform.Report(HealthReport.Ready, host.Deadline));
            host.Log.Info("the platform accepted the report 'Ready'");
        }

        if (spec is not null && options.Steps.HasFlag(Steps.HostName))
        {
            platform.Publish(spec.HostName, isRenamed, host.Deadline);
        }

        _identity.Learn(platform.InstanceId);
        if (!options.IsPartial)
        {
            Mark(spec);
        }

        if (media?.Device is { } dvd)
        {
            _steps.Try("eject the DVD", () => ProvisioningMedia.Eject(dvd));
        }
    }

    /// <summary>False: DMI says another platform, and there are no media that say this one.</summary>
    /// <param name="spec">null also when the platform wants nothing of this machine but to hear that it is there</param>
    private bool TrySettle(PlatformLink platform, out MachineSpec? spec, out MediaContents? media)
    {
        spec = null;
        var sources = new Sources(host, options, _steps, platform, _wayIn);
        media = sources.TryReadMedia(_identity.IsAzure);
        if (media is null && IsElsewhere)
        {
            host.Log.Info(NotAzure);
            return false;
        }

        spec = sources.Settle(_identity.VmId, media);
        _identity.Learn(spec?.VmId ?? sources.Instance?.VmId);
        if (spec is null)
        {
            host.Log.Info("IMDS names no user and no host: this VM was made from a specialized disk, nothing is changed");
        }

        return true;
    }

    /// <summary>
    /// Takes the lock that keeps a second copy of this program waiting: one on the root directory itself, which needs no
    /// file and works on a read-only root. It ends with the process.
    /// </summary>
    private void WaitForOtherRun()
    {
        if (!Libc.TryLock(host.Files.DescriptorNumber, host.Files.Path))
        {
            host.Log.Info("another azprovision is at work, waiting for it");
            if (!Retry.Until(TryLock, s_lockLook, host.Deadline))
            {
                throw new ProvisioningException(Failure.TimedOut, "another azprovision was still at work when --timeout was over");
            }
        }

        bool TryLock()
        {
            host.Log.StillWaiting("another azprovision", host.Deadline);
            return Libc.TryLock(host.Files.DescriptorNumber, host.Files.Path);
        }
    }

    private void RefuseUnusable(MachineSpec spec)
    {
        if (spec.PreprovisionedVm != PreprovisionedVmType.None)
        {
            throw new ProvisioningException(
                Failure.Preprovisioned,
                $"the platform parked this machine (PreprovisionedVMType {MachineSpec.NameOf(spec.PreprovisionedVm)}), "
                + "which this version cannot wait for");
        }

        if (_wayIn.WhyNone(spec) is { } why)
        {
            throw new ProvisioningException(Failure.SshKeys, why);
        }
    }

    private void OpenPlatform(PlatformLink platform, HostName? hostName) =>
        _steps.Must("bring the network up", Failure.Network, () => platform.Open(hostName, host.Deadline));

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
            if (!options.DryRun)   // which asks nobody, and so has no private key
            {
                Apply(Steps.SshKeys, "write key pairs", Failure.SshKeys,
                    changes => KeyPairFiles.Plan(changes, account, spec.User.KeyPairs, host.Log));
            }
        }

        Apply(Steps.Sshd, "set up sshd", Failure.Sshd,
            changes => SshdSettings.Plan(changes, files, spec.SshPasswordAuthentication, host.Log));
        Apply(Steps.CustomData, "write custom data", Failure.CustomData, changes =>
        {
            CustomDataFile.Plan(changes, spec.CustomData, spec.UserData);
            if (options.RunCustomData)
            {
                CustomDataScript.Plan(changes, host, spec.CustomData);
            }
        });
        if (options.WaagentFiles)
        {
            _steps.Apply("write the Azure Linux Agent's files", Failure.SystemFiles,
                changes => WaagentFiles.Plan(changes, spec));
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
            changes => SystemFiles.Plan(changes, host.Files, host.Kernel, host.Log));

    private void Mark(MachineSpec? spec) => _steps.Apply("mark as provisioned", Failure.SystemFiles, changes =>
    {
        State.PlanCopy(changes, spec?.Ovf);
        if (options.WaagentFiles)
        {
            WaagentFiles.PlanProvisioned(changes, _identity.VmId);
        }

        State.PlanMarker(changes, _identity.VmId);
    });

    private void Apply(Steps step, string what, Failure failure, Action<ChangeSet> plan)
    {
        if (options.Steps.HasFlag(step))
        {
            _steps.Apply(what, failure, plan);
        }
    }

    private void ReportFailure(PlatformLink platform, ProvisioningException e)
    {
        if (!_isAlone || !options.Steps.HasFlag(Steps.Report) || e.Failure == Failure.Platform)
        {
            return;   // the platform was told to its face, or may have taken what it did not answer
        }

        string cause = CauseOf(e).Message;
        string agent = $"{Product.Name}/{Product.Version}";
        // What is wrong with the data is the reason, in the words of cloud-init where it has some.
        string report = e.Failure == Failure.BadData
            ? ProvisioningReport.Failure(cause, agent, [], _identity.VmId, host.Time.GetUtcNow())
            : ProvisioningReport.Failure(
                FailureReason.Of(e.Failure), agent, [$"error={cause}"], _identity.VmId, host.Time.GetUtcNow());
        try
        {
            Deadline deadline = host.LastWord.Within(s_failureReport);
            platform.Open(hostName: null, deadline);
            platform.Report(HealthReport.Failed(report), deadline);
            host.Log.Info("the platform accepted the report 'NotReady'");
        }
        catch (Exception unreported) when (unreported is ProvisioningException or IOException)
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
