using System;
using System.Collections.Generic;
using Azprovision.Accounts;
using Azprovision.Configuration;
using Azprovision.Disks;
using Azprovision.Files;
using Azprovision.Run;
using Azprovision.Settings;
using Azprovision.Spec;
using Azprovision.Sshd;

namespace Azprovision;

/// <summary>What each step changes, in the order of the manual's list, and the commit of it all.</summary>
internal sealed class MachinePlan : IDisposable
{
    private readonly Host _host;
    private readonly Options _options;
    private readonly PlannedRoot _root;
    private readonly State _state;
    private readonly List<Step> _steps = [];

    internal MachinePlan(Host host, Options options)
    {
        _host = host;
        _options = options;
        _state = new State(options.State);
        _root = new PlannedRoot(host.Files) { Warn = host.Log.Warning, Note = host.Log.Debug };
    }

    internal IReadOnlyList<Change> Changes => _root.Changes;

    public void Dispose() => _root.Dispose();

    /// <param name="spec">null: none of the steps that run needs it</param>
    internal void AddSteps(MachineSpec? spec, WayIn wayIn)
    {
        if (spec is not null)
        {
            Configure(spec, wayIn);
        }

        Plan(Steps.System, "adapt system files", Failure.SystemFiles,
            () => SystemFiles.Plan(_root, _host.Kernel));
        PrepareResourceDisk();
        if (spec is not null && !_options.IsPartial)
        {
            Plan("keep the record", Failure.SystemFiles, () => RootMark.Plan(_root, spec));   // after all else
        }
    }

    private void Configure(MachineSpec spec, WayIn wayIn)
    {
        Plan(Steps.HostName, "set the host name", Failure.HostName, () => SystemHostName.Plan(_root, spec.HostName));
        Account? account = null;
        if ((_options.Steps & (Steps.User | Steps.Password | Steps.Sudo | Steps.SshKeys)) != Steps.None)
        {
            PlanRecord(spec, () => MachineRecord.Reserve(_root, _state, spec));
            account = PlanAccount(spec.User);
            Plan(Steps.Sudo, "set up sudo", Failure.Sudo, () => SudoRule.Plan(_root, account, _options.Sudo));
            Plan(Steps.SshKeys, "authorize SSH keys", Failure.SshKeys,
                () => AuthorizedKeys.Plan(_root, account, spec.User.Keys, _host.Log));
            if (spec.User.KeyPairs.Count > 0 && !_options.DryRun)   // which asks nobody, and so has no private key
            {
                Plan(Steps.SshKeys, "write key pairs", Failure.SshKeys,
                    () => KeyPairFiles.Plan(_root, account, spec.User.KeyPairs, _host.Log));
            }
        }

        // Before a running sshd is told to read them.
        Plan(Steps.Sshd, "make SSH host keys", Failure.SshKeys,
            () => HostKeys.Plan(_root, _host, _options.HostKeys, () => spec.User.Recorded is null && wayIn.IsSshAlone(spec)));
        Plan(Steps.Sshd, "set up sshd", Failure.Sshd, () => SshdSettings.Plan(_root, spec.SshPasswordAuthentication));
        if (account is not null && wayIn.WhyDoubtful(_root, spec, account) is { } doubt)
        {
            _root.Warn($"sshd may not let '{account.Name}' in: {doubt}");
        }

        if (spec.User.Recorded is null)
        {
            PlanData(spec);
        }

        if (_options.WaagentFiles)
        {
            Plan("write the Azure Linux Agent's files", Failure.SystemFiles, () => PlanWaagentFiles(spec));
        }

        if (account is not null)
        {
            PlanRecord(spec, () => MachineRecord.Plan(_root, _state, spec, account));
        }
    }

    private void PlanRecord(MachineSpec spec, Action plan)
    {
        if (spec.User.Recorded is null && !_options.IsPartial)
        {
            Plan("keep the record", Failure.SystemFiles, plan);
        }
    }

    /// <summary>What is kept where the root forgets.</summary>
    private void PlanData(MachineSpec spec)
    {
        Plan(Steps.CustomData, "write custom data", Failure.CustomData, () =>
        {
            CustomDataFile.Plan(_root, _state, spec.CustomData, spec.UserData);
            if (_options.RunCustomData)
            {
                CustomDataScript.Plan(_root, _host, _state, spec.CustomData, spec.VmId, _options.Force);
            }
        });
    }

    private void PlanWaagentFiles(MachineSpec spec)
    {
        if (spec.User.Recorded is null)
        {
            WaagentFiles.Plan(_root, spec);
        }
        else if (!WaagentFiles.AreIn(_root))   // /var may be kept where /etc is not
        {
            WaagentFiles.Plan(_root, spec);
            WaagentFiles.PlanProvisioned(_root, spec.VmId);
        }
    }

    /// <summary>What goes wrong with it is a warning.</summary>
    internal void PrepareResourceDisk()
    {
        if (_options.ResourceDisk is { } directory)
        {
            Plan(Steps.ResourceDisk, "prepare the resource disk", Failure.SystemFiles, () => _root.Try(
                () => ResourceDisk.Plan(_root, _host, directory, _options.SwapMebibytes)));
        }
    }

    internal void Mark(string? vmId, MachineSpec? spec) => Plan("mark as provisioned", Failure.SystemFiles, () =>
    {
        if (spec is not null)
        {
            _root.Try(() => _state.PlanCopy(_root, spec));   // the machine is Ready, and must not be lost by it
        }

        if (_options.WaagentFiles)
        {
            WaagentFiles.PlanProvisioned(_root, vmId);
        }

        LastFailure.PlanRemoval(_root, _state);
        _state.PlanMarker(_root, vmId);
    });

    /// <summary>Makes the plan true and says of each step whether that changed anything.</summary>
    internal void Commit()
    {
        Files.Commit.Run(_root);
        foreach (Step step in _steps)
        {
            int count = 0;
            foreach (Change change in Changes)
            {
                if (change.Step?.What == step.What)
                {
                    count++;
                    _host.Log.Debug($"{step.What}: {change.Action} {change.Path}");
                }
            }

            _host.Log.Info(count == 0 ? $"{step.What}: nothing to do" : $"{step.What}: done");
        }
    }

    /// <summary>The steps "user" and "password" write the same files; those after them only need to know the user.</summary>
    private Account PlanAccount(UserSpec user)
    {
        var selected = new AccountOptions(
            _options.Steps.HasFlag(Steps.User), _options.Steps.HasFlag(Steps.Password), _options.Groups, _options.DryRun);
        string what = selected.MakesUser ? "create the user"
            : selected.SetsPassword ? "set the password"
            : "look the user up";
        Account? account = null;
        Plan(what, Failure.SystemFiles, () =>
        {
            account = UserAccount.Plan(_root, user, selected, _host.Time, _host.Log);
            if ((_options.Steps & (Steps.User | Steps.SshKeys)) != Steps.None)
            {
                RequireHomeOnRoot(account);
            }
        });
        return account!;
    }

    /// <summary>What an initramfs writes below a directory that the system mounts over later is not seen again.</summary>
    private void RequireHomeOnRoot(Account account)
    {
        if (!ReferenceEquals(_host.Files, _host.Kernel)
            && Fstab.FindMountOver(_root.TryReadAdvice(Fstab.Path), account.Home) is { } directory
            && (_host.Files.TryStatus(directory) is not { } there || there.Device == _host.Files.TryStatus("/")!.Value.Device))
        {
            throw new ProvisioningException(
                Failure.User,
                $"'{Fstab.Path}' mounts '{directory}' over the home directory '{Printable.Of(account.Home)}' later, with all that would be "
                    + "written there: provision when it is mounted");
        }
    }

    private void Plan(Steps step, string what, Failure failure, Action plan)
    {
        if (_options.Steps.HasFlag(step))
        {
            Plan(what, failure, plan);
        }
    }

    private void Plan(string what, Failure failure, Action plan)
    {
        _host.Log.Debug(what);
        var step = new Step(what, failure);
        if (!_steps.Exists(other => other.What == what))
        {
            _steps.Add(step);
        }

        _root.Step = step;
        step.Must(plan);
    }
}
