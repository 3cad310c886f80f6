using System.Text;
using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>--waagent-files: what the Azure Linux Agent looks for when another program provisions (protocol of WALinuxAgent).</summary>
internal static class WaagentFiles
{
    private const string Directory = "/var/lib/waagent";

    internal static void Plan(PlannedRoot root, MachineSpec spec)
    {
        root.Directory(Directory, State.PrivateDirectory);
        // What this VM does not have is another's, which the image was captured from.
        root.WriteOrRemove($"{Directory}/ovf-env.xml", spec.Ovf?.WithPassword("*"), State.PrivateFile);
        root.WriteOrRemove($"{Directory}/CustomData", spec.Ovf?.CustomDataText?.Reveal().ToArray(), State.PrivateFile);
        root.WriteOrRemove($"{Directory}/disable_agent", spec.ProvisionGuestAgent ? null : [], State.PrivateFile);
        foreach (PlatformCertificate certificate in spec.Certificates)
        {
            root.Write(
                $"{Directory}/{certificate.Thumbprint}.crt", Encoding.ASCII.GetBytes(certificate.Pem), State.PrivateFile);
            if (certificate.PrivateKeyPem is { } key)
            {
                root.Write($"{Directory}/{certificate.Thumbprint}.prv", key.Reveal().ToArray(), State.PrivateFile);
            }
        }
    }

    /// <summary>The agent takes this file as the sign that provisioning is over, so it comes after the report.</summary>
    internal static void PlanProvisioned(PlannedRoot root, string? vmId)
    {
        root.Directory(Directory, State.PrivateDirectory);
        root.Write($"{Directory}/provisioned", Encoding.ASCII.GetBytes(vmId ?? State.UnknownVmId), State.PrivateFile);
    }
}
