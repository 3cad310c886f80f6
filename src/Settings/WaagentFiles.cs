using System.Text;
using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>--waagent-files: what the Azure Linux Agent looks for when another program provisions (protocol of WALinuxAgent).</summary>
internal static class WaagentFiles
{
    internal const string Directory = "/var/lib/waagent";

    private const string Provisioned = Directory + "/provisioned";

    internal static void Plan(PlannedRoot root, MachineSpec spec)
    {
        root.Directory(Directory, State.PrivateDirectory);
        // What this VM does not have is another's, which the image was captured from.
        root.WriteOrRemove($"{Directory}/ovf-env.xml", spec.Ovf?.WithPassword("*") ?? MinimalOvf(spec), State.PrivateFile);
        root.WriteOrRemove($"{Directory}/CustomData", spec.Ovf?.CustomDataText?.Reveal().ToArray(), State.PrivateFile);
        root.WriteOrRemove($"{Directory}/disable_agent", spec.ProvisionGuestAgent ? null : [], State.PrivateFile);
        foreach (PlatformCertificate certificate in spec.Certificates)
        {
            root.Write($"{Directory}/{certificate.Thumbprint}.crt", certificate.Pem, State.PrivateFile);
            if (certificate.PrivateKeyPem is { } key)
            {
                root.Write($"{Directory}/{certificate.Thumbprint}.prv", key.Reveal().ToArray(), State.PrivateFile);
            }
        }
    }

    internal static bool AreIn(PlannedRoot root) => root.TryStatus(Provisioned) is not null;

    /// <summary>
    /// Without media: the agent waits for the file and has to find these elements in it. The names are checked ones, with
    /// nothing in them that XML would have to escape.
    /// </summary>
    private static byte[] MinimalOvf(MachineSpec spec)
    {
        string disable = spec.SshPasswordAuthentication == false ? "true" : "false";
        string agent = spec.ProvisionGuestAgent ? "true" : "false";
        return Encoding.ASCII.GetBytes($"""
            <?xml version="1.0" encoding="utf-8"?>
            <Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:wa="http://schemas.microsoft.com/windowsazure">
              <wa:ProvisioningSection>
                <wa:Version>1.0</wa:Version>
                <wa:LinuxProvisioningConfigurationSet>
                  <wa:ConfigurationSetType>LinuxProvisioningConfiguration</wa:ConfigurationSetType>
                  <wa:HostName>{spec.HostName.Text}</wa:HostName>
                  <wa:UserName>{spec.User.Name.Text}</wa:UserName>
                  <wa:DisableSshPasswordAuthentication>{disable}</wa:DisableSshPasswordAuthentication>
                </wa:LinuxProvisioningConfigurationSet>
              </wa:ProvisioningSection>
              <wa:PlatformSettingsSection>
                <wa:Version>1.0</wa:Version>
                <wa:PlatformSettings>
                  <wa:ProvisionGuestAgent>{agent}</wa:ProvisionGuestAgent>
                </wa:PlatformSettings>
              </wa:PlatformSettingsSection>
            </Environment>

            """);
    }

    /// <summary>The agent takes this file as the sign that provisioning is over, so it comes after the report.</summary>
    internal static void PlanProvisioned(PlannedRoot root, string? vmId)
    {
        root.Directory(Directory, State.PrivateDirectory);
        root.Write(Provisioned, Encoding.ASCII.GetBytes(vmId ?? State.UnknownVmId), State.PrivateFile);
    }
}
