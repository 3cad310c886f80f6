using System;
using Azprovision.Accounts;
using Azprovision.Azure;
using Azprovision.Files;
using Azprovision.Settings;
using Azprovision.Spec;
using Azprovision.Sshd;

namespace Azprovision.Clean;

/// <summary>What has to go from a provisioned root so that it is an image again: what this machine was, and its secrets.</summary>
internal static class ImageCleaning
{
    private const string LogPath = "/var/log/azprovision.log";
    private const string MachineId = "/etc/machine-id";

    // Each is a directory, a beginning and an end of names in it.
    private static readonly (string Directory, string Start, string End)[] s_files =
    [
        (SshdConfig.Directory, "ssh_host_", "_key"),
        (SshdConfig.Directory, "ssh_host_", "_key.pub"),
        (SshdConfig.Directory, "ssh_host_", "_key-cert.pub"),
        ("/etc/dropbear", "dropbear_", "_host_key"),
        ("/var/lib/dhcp", "dhclient", ""),   // a server keeps its own there too
        ("/var/lib/dhclient", "dhclient", ""),
        ("/var/lib/dhcpcd", "", ".lease"),
        ("/var/lib/dhcpcd", "", "duid"),
        ("/var/lib/dhcpcd5", "", ".lease"),
        ("/var/lib/NetworkManager", "", ".lease"),
        (KvpPool.Directory, ".kvp_pool_", ""),
        (LastFailure.RunDirectory, "failed", ""),
        (WaagentFiles.Directory, "", ".prv"),
        (WaagentFiles.Directory, "", ".crt"),
        (WaagentFiles.Directory, "ovf-env.xml", ""),
        (WaagentFiles.Directory, "provisioned", ""),
        (WaagentFiles.Directory, "CustomData", ""),
    ];

    /// <param name="user">whose account and home go too, or null</param>
    internal static void Plan(PlannedRoot root, State state, UserSpec? user)
    {
        if (user is { Recorded: { } account })
        {
            UserRemoval.Plan(root, user.Name.Text, account.Uid);
        }

        SudoRule.PlanRemoval(root);
        root.Remove(SshdSettings.DropIn);
        foreach ((string directory, string start, string end) in s_files)
        {
            foreach (string name in root.NamesIn(directory))
            {
                if (name.StartsWith(start, StringComparison.Ordinal) && name.EndsWith(end, StringComparison.Ordinal)
                    && root.TryStatusOfName($"{directory}/{name}") is { Status.IsDirectory: false })
                {
                    root.Remove($"{directory}/{name}");
                }
            }
        }

        root.Remove(LogPath);
        RootMark.PlanRemoval(root);
        ForgetMachineId(root);
        SystemHostName.PlanFiles(root, HostName.Parse("localhost"));
        // Last: as long as it is there, a clean that was cut short can be begun again.
        root.RemoveTree(state.Directory);
    }

    // Empty, and not absent: systemd makes one where the file is (machine-id(5), "First Boot Semantics").
    private static void ForgetMachineId(PlannedRoot root)
    {
        if (root.TryStatus(MachineId) is { IsRegular: true })
        {
            root.Edit(MachineId, [], new Ownership(0x124));   // 0444
        }

        if (root.TryStatusOfName("/var/lib/dbus/machine-id") is { Status.IsRegular: true })
        {
            root.Remove("/var/lib/dbus/machine-id");
        }
    }
}
