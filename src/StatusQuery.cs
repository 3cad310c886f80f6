using System;
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
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
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    internal int Run()
    {
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
            failure = LastFailure.TryRead(host.Files, state, dmi.VmId);
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
        return new Status(became, dmi, isRunning ? null : failure);
    }

    // What the files of src/boot honour.
    private bool IsDisabled()
    {
        using var root = new PlannedRoot(host.Files);
        return OptionReader.IsTurnedOff(host.Kernel) || UnitMask.IsIn(root);
    }

    private static byte[] Json(Status status)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_json))
        {
            json.WriteStartObject();
            json.WriteString("status", status.Name);
            json.WriteString("vmId", status.Dmi.VmId);
            json.WriteString("reason", status.Failure?.Reason);
            json.WriteNumber("code", status.Failure?.Code ?? 0);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private enum RootState
    {
        Done,
        Running,
        Failed,
        NotProvisioned,
        Disabled,
    }

    /// <param name="Failure">of the last run; null: it did not fail, or there was none</param>
    private sealed record Status(RootState State, DmiIdentity Dmi, LastFailure? Failure)
    {
        internal string Name => State switch
        {
            RootState.Done => "done",
            RootState.Running => "running",
            RootState.Failed => "failed",
            RootState.NotProvisioned => "not provisioned",
            RootState.Disabled => "disabled",
        };

        /// <summary>A run is at work, or may be about to start.</summary>
        internal bool IsYetToEnd =>
            State == RootState.Running || (State == RootState.NotProvisioned && Dmi.IsAzure != false);

        public override string ToString() => Failure is null
            ? $"status: {Name}\n"
            : string.Create(CultureInfo.InvariantCulture, $"status: {Name}\nreason: {Failure.Reason} ({Failure.Code})\n");
    }
}
