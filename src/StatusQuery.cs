using System;
using System.Globalization;
using System.Text;
using Azprovision.Configuration;
using Azprovision.Files;
using Azprovision.Media;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Settings;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>
/// The command "status". Exit codes as of "cloud-init status": 1 when the machine is not provisioned because a run
/// failed, 2 when it is and a later run failed, 0 for all else.
/// </summary>
internal sealed class StatusQuery(Host host, Options options)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    internal int Run()
    {
        options.WarnOfProblem(host.Log);
        Status status = Read();
        bool isOver = !options.Wait
            || Retry.Until(() => !(status = Read()).IsYetToEnd, s_look, host.LastWord);
        Libc.WriteAll(1, options.Json ? Json(status) : Encoding.UTF8.GetBytes(status.ToString()), "standard output");
        if (!isOver)
        {
            host.Log.Error("no run had ended when --timeout was over");
        }

        return !isOver || status.State == RootState.Failed ? 1 : status.Failure is null ? 0 : 2;
    }

    // The lock first: a run that has let it go has left its marker, or its reason.
    private Status Read()
    {
        bool isRunning = RunLock.IsTaken(host);
        DmiIdentity dmi = Dmi.Read(host.Files, host.Kernel);
        var state = new State(options.State);
        LastFailure? failure = null;
        bool isDone = false;
        try
        {
            failure = LastFailure.TryRead(host.Files, host.Kernel, state, dmi.VmId);
            isDone = dmi.VmId is null ? state.HasMarker(host.Files) : state.IsProvisioned(host.Files, dmi.VmId);
        }
        catch (SyscallException e) when (e.Errno == Errno.EACCES && !Libc.IsRoot)
        {
            if (!isRunning && failure is null)
            {
                throw new ProvisioningException(Failure.NotRoot, $"{e.Message}; must be run by root");
            }
        }

        RootState became = isRunning ? RootState.Running
            : isDone ? RootState.Done
            : failure is not null ? RootState.Failed
            : IsDisabled() ? RootState.Disabled
            : RootState.NotProvisioned;
        bool isToBegin = dmi.IsAzure != false
            && (became == RootState.NotProvisioned
                || (became == RootState.Failed && failure!.IsOfEarlierBoot && !IsDisabled()));
        return new Status(became, dmi.VmId, isRunning ? null : failure, isRunning || isToBegin);
    }

    // What the files of src/boot honour.
    private bool IsDisabled()
    {
        using var root = new PlannedRoot(host.Files);
        return OptionReader.IsTurnedOff(host.Kernel) || UnitMask.TryFind(root) is not null;
    }

    private static byte[] Json(Status status) => JsonText.Of(
        json =>
        {
            json.WriteString("status", status.Name);
            json.WriteString("vmId", status.VmId);
            json.WriteString("reason", status.Failure?.Reason);
            json.WriteNumber("code", status.Failure?.Code ?? 0);
        },
        isIndented: false);

    private enum RootState
    {
        Done,
        Running,
        Failed,
        NotProvisioned,
        Disabled,
    }

    /// <param name="Failure">of the last run; null: it did not fail, or there was none</param>
    /// <param name="IsYetToEnd">a run is at work, or may be about to begin</param>
    private sealed record Status(RootState State, string? VmId, LastFailure? Failure, bool IsYetToEnd)
    {
        internal string Name => State switch
        {
            RootState.Done => "done",
            RootState.Running => "running",
            RootState.Failed => "failed",
            RootState.NotProvisioned => "not provisioned",
            RootState.Disabled => "disabled",
        };

        public override string ToString() => Failure is null
            ? $"status: {Name}\n"
            : string.Create(CultureInfo.InvariantCulture, $"status: {Name}\nreason: {Failure.Reason} ({Failure.Code})\n");
    }
}
