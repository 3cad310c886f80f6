using System;
using System.IO;
using Azprovision.Check;
using Azprovision.Configuration;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Settings;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>
/// The command "check": looks at everything that a run will need, changes nothing, and tells what is missing. An image is looked
/// at without its kernel, so only its files tell.
/// </summary>
internal sealed class Checker(Host host, Options options)
{
    private readonly Findings _findings = new();

    internal int Run()
    {
        using var root = new PlannedRoot(host.Files);
        var image = new Image(root, IsRunning: ReferenceEquals(host.Files, host.Kernel));
        if (options.Problem is { } problem)
        {
            _findings.Error("configuration", problem.Message, "correct it");
        }

        Look("kernel", () => KernelCheck.Look(image, _findings));
        Look("console", () => BootCheck.Look(image, _findings));
        if (image.IsRunning)
        {
            Look("identity", () => MachineCheck.LookAtIdentity(host, new State(options.State), _findings));
        }

        if (image.IsRunning || options.Media is not null)
        {
            Look("media", () => MachineCheck.LookAtMedia(host, options, Libc.IsRoot, _findings));
        }

        if (image.IsRunning)
        {
            Look("platform", () => MachineCheck.LookAtPlatform(host, options, image, _findings));
        }

        Look("network", () => NetworkCheck.Look(image, options, _findings));
        Look("network", () => NicNameCheck.Look(image, _findings));
        Look("user", () => AccountCheck.Look(image, _findings));
        Look("sshd", () => SshdCheck.Look(image, options.HostKeys, _findings));
        Look("resource-disk", () => DiskCheck.Look(image, options, _findings));
        Look("image", () => LeftoverCheck.Look(image, new State(options.State), _findings));
        Look("start", () => StartCheck.Look(image, _findings));
        Look("start", () => AgentCheck.Look(image, _findings));
        byte[] text = options.Json ? FindingText.Json(_findings.All) : FindingText.Table(_findings.All);
        Libc.WriteAll(1, text, "standard output");
        return _findings.HasError ? (int)Failure.Incomplete : 0;
    }

    // What cannot be looked at is a finding too, and the rest still counts.
    private void Look(string subject, Action look)
    {
        try
        {
            look();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or TimeoutException or ProvisioningException)
        {
            _findings.Warn(subject, Printable.Of(e.Message), "it could not be looked at");
        }
    }
}
