using Azprovision.Configuration;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>--dry-run: settles everything and prints the plan that a run would commit, the marker included.</summary>
internal sealed class DryRun(Host host, Options options, StepRunner steps, Identity identity, WayIn wayIn)
{
    internal void Run(Sources sources)
    {
        steps.Must("identify the machine", Failure.SystemFiles, identity.Read);
        if (options.Problem is { } problem)
        {
            throw problem;
        }

        using var plan = new MachinePlan(host, options);
        if (sources.TrySettle(identity, out MachineSpec? spec, out _))
        {
            if (spec is not null || !options.NeedsData)
            {
                plan.AddSteps(spec, wayIn);
            }

            if (!options.IsPartial)
            {
                plan.Mark(identity.VmId, spec);
            }
        }

        steps.Must("print the plan", Failure.SystemFiles, () => Libc.WriteAll(
            1, PlanJson.Serialize(identity.VmId, spec, plan.Changes), "standard output"));
        if (spec is not null)
        {
            wayIn.Require(spec);
        }
    }
}
