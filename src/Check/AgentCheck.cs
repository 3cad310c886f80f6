using System;

namespace Azprovision.Check;

/// <summary>Who else has a part: what may provision too, what this program relies on to be heard.</summary>
internal static class AgentCheck
{
    private const string Subject = "start";
    private const string WaagentConfiguration = "/etc/waagent.conf";

    internal static void Look(Image image, Findings findings)
    {
        if (HasCloudInit(image))
        {
            findings.Warn(Subject, "cloud-init is there too, and not turned off", "touch /etc/cloud/cloud-init.disabled");
        }

        if (!image.HasProgram("azure-proxy-agent"))
        {
            findings.Note("proxy", "no azure-proxy-agent: machines for which the platform asks for it are not provisioned (4)");
        }

        if (!image.HasProgram("hv_kvp_daemon") && !image.HasProgram("hypervkvpd"))
        {
            findings.Note("kvp", "no hv_kvp_daemon: nobody hands the KVP report on to the host");
        }

        if (image.HasProgram("waagent") || image.Has(WaagentConfiguration))
        {
            string agent = ProvisioningAgent(image);
            if (agent is "waagent" or "auto")
            {
                findings.Warn(Subject, $"the Azure Linux Agent may provision too (Provisioning.Agent={agent})",
                    $"Provisioning.Agent=disabled in {WaagentConfiguration}");
            }
        }
    }

    /// <summary>At work, and so it also configures the network.</summary>
    internal static bool HasCloudInit(Image image) =>
        image.HasProgram("cloud-init") && !image.Has("/etc/cloud/cloud-init.disabled");

    // As WALinuxAgent reads it (azurelinuxagent/common/conf.py), where "None" is the default too.
    private static string ProvisioningAgent(Image image)
    {
        const string Default = "auto";
        string agent = Default;
        foreach (string line in image.Lines(WaagentConfiguration))
        {
            if (line.Split('=', 2, StringSplitOptions.TrimEntries) is ["Provisioning.Agent", var text])
            {
                string value = text.Split('#')[0].Trim(' ', '"').Trim();
                agent = value == "None" ? Default : value;
            }
        }

        return agent;
    }
}
