using System;
using System.Collections.Generic;
using Azprovision.Azure;
using Azprovision.Configuration;
using Azprovision.Run;
using Azprovision.Spec;
using Azprovision.Sshd;

namespace Azprovision;

/// <summary>What is told beside the report, and never fails a run: the KVP record for the host, and the SSH host keys.</summary>
internal sealed class HostMessages(Host host, Options options, StepRunner steps)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    internal void WriteSuccess(string? vmId) =>
        Write(ProvisioningReport.Success(Product.NameAndVersion, vmId, host.Time.GetUtcNow()));

    /// <summary>Before the platform gets the same text, so that the host has it should the network be what is broken.</summary>
    internal void Write(string report) =>
        steps.Try("write the KVP record", () => KvpPool.TryWrite(host, "PROVISIONING_REPORT", report));

    /// <summary>By the log they reach the serial console, where a user can look before the first login.</summary>
    internal void TellHostKeys(PlatformLink platform) => steps.Try("tell the SSH host keys", () =>
    {
        IReadOnlyList<HostKey> keys = HostKey.ReadAll(host.Files);
        foreach (HostKey key in keys)
        {
            host.Log.Info($"SSH host key: {key}");
        }

        if (keys.Count > 0 && options.ReportHostKey && options.Steps.HasFlag(Steps.Report)
            && platform.TryReportHostKey(keys[0].Fingerprint, host.Deadline.Within(s_patience)) is { } problem)
        {
            host.Log.Debug($"the SSH host key was not reported: {problem}");
        }
    });
}
