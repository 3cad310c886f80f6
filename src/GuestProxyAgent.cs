using System;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>
/// The guest proxy agent, which guards the way to wire server and IMDS where the platform asks for it. As with cloud-init, its
/// own command tells whether it is at work, before either of them is asked; the reasons are cloud-init's words.
/// </summary>
internal static class GuestProxyAgent
{
    internal const string Program = "azure-proxy-agent";

    private static readonly string[] s_arguments = ["--status", "--wait", "120"];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(125);

    internal static void Require(Host host)
    {
        string path = ChildProgram.TryFind(host.Files, Program)
            ?? throw new ProvisioningException(Failure.Incomplete, $"{Program} not found");
        if (!ReferenceEquals(host.Files, host.Kernel))
        {
            host.Log.Info($"{Program} is there, and not asked: the system that it is at work in has not started");
            return;
        }

        int? status = ChildProgram.Run(host.Files, [path, .. s_arguments], host.Deadline.Within(s_patience));
        if (status != 0)
        {
            host.Log.Warning($"{Program} {(status is { } ended ? ChildProgram.Describe(ended) : "gave no answer in time")}");
            throw new ProvisioningException(Failure.Incomplete, $"{Program} status failure");
        }
    }
}
