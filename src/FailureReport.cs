using System;
using System.IO;
using Azprovision.Azure;
using Azprovision.Configuration;
using Azprovision.Files;
using Azprovision.Run;
using Azprovision.Settings;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>Tells the log and the platform why a run failed.</summary>
internal sealed class FailureReport(Host host, Options options, Identity identity, PlatformLink platform)
{
    // A machine that failed should say so, but not hold up its boot for as long as one that works may take.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Until then, what there is to report is another run's, or nobody's.</summary>
    internal bool IsWanted { get; set; }

    internal int Tell(ProvisioningException e)
    {
        host.Log.Error(e.Message);
        if (IsWanted)
        {
            Keep(e);
        }

        if (IsWanted && options.Steps.HasFlag(Steps.Report))
        {
            Report(e);
        }

        return (int)e.Failure;
    }

    /// <summary>This machine turned out to be provisioned, whatever a run said before.</summary>
    internal void Forget() => new StepRunner(host.Log).Try("forget the last failure", () =>
    {
        using var plan = new PlannedRoot(host.Files);
        LastFailure.PlanRemoval(plan, new State(options.State));
        Commit.Run(plan);
    });

    private void Keep(ProvisioningException e) => new StepRunner(host.Log).Try("keep the reason", () =>
    {
        using var plan = new PlannedRoot(host.Files) { Warn = host.Log.Debug };   // a read-only root may be what failed
        plan.Step = new Step("keep the reason", Failure.SystemFiles);
        LastFailure.Plan(plan, host.Kernel, new State(options.State), identity.VmId, e);
        Commit.Run(plan);
    });

    private void Report(ProvisioningException e)
    {
        string cause = CauseOf(e).Message;
        string agent = $"{Product.Name}/{Product.Version}";
        // What is wrong with the data or the image is the reason, in the words of cloud-init where it has some.
        string report = e.Failure is Failure.BadData or Failure.Incomplete
            ? ProvisioningReport.Failure(cause, agent, [], identity.VmId, host.Time.GetUtcNow())
            : ProvisioningReport.Failure(
                FailureReason.Of(e.Failure), agent, [$"error={cause}"], identity.VmId, host.Time.GetUtcNow());
        new HostMessages(host, options, new StepRunner(host.Log)).Write(report);
        if (e.Failure == Failure.Platform)
        {
            return;   // it was told to its face, or may have taken what it did not answer
        }

        try
        {
            Deadline deadline = host.LastWord.Within(s_patience);
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
