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
    private const string Waagent = "/var/lib/waagent";

    // Each is a directory, a beginning and an end of names in it.
    private static readonly (string Directory, string Start, string End)[] s_files =
    [
        ("/etc/dropbear", "dropbear_", "_host_key"),
        ("/var/lib/dhcp", "dhclient", ""),   // a server keeps its own there too
        ("/var/lib/dhclient", "dhclient", ""),
        ("/var/lib/dhcpcd", "", ".lease"),
        ("/var/lib/dhcpcd", "", "duid"),
        ("/var/lib/dhcpcd5", "", ".lease"),
        ("/var/lib/NetworkManager", "", ".lease"),
        (KvpPool.Directory, ".kvp_pool_", ""),
        (LastFailure.RunDirectory, "failed", ""),
        (Waagent, "", ".prv"),
        (Waagent, "", ".crt"),
        (Waagent, "ovf-env.xml", ""),
        (Waagent, "provisioned", ""),
        (Waagent, "CustomData", ""),
        (Waagent, ".", Commit.TemporarySuffix),
        (LastFailure.RunDirectory, ".", Commit.TemporarySuffix),
    ];

    // Of the state directory: where the host keys of a root that forgets are kept (azprovision-appliance(7)).
    private static readonly string[] s_keptKeys = ["ssh", "ssh.new"];

    /// <param name="first">is committed before the other plan</param>
    /// <param name="user">whose account and home go too, or null</param>
    internal static void Plan(PlannedRoot first, PlannedRoot root, State state, UserSpec? user)
    {
        if (user is { Recorded: { } account })
        {
            UserRemoval.Plan(first, root, user.Name.Text, account.Uid);
        }

        SudoRule.PlanRemoval(root);
        SshdSettings.PlanRemoval(root);
        HostKeys.PlanRemoval(root);
        foreach ((string directory, string start, string end) in s_files)
        {
            Remove(root, directory, start, end);
        }

        RemoveTemporaries(root, "/etc");
        root.Remove(LogPath);
        ForgetMachineId(root);
        SystemHostName.PlanFiles(root, HostName.Parse("localhost"));
        Array.ForEach(s_keptKeys, name => RemoveKeptKeys(root, state.PathOf(name)));
        state.PlanRemoval(root);
    }

    private static void Remove(PlannedRoot root, string directory, string start, string end)
    {
        foreach (string name in root.NamesIn(directory))
        {
            if (name.StartsWith(start, StringComparison.Ordinal) && name.EndsWith(end, StringComparison.Ordinal))
            {
                root.Remove($"{directory}/{name}");
            }
        }
    }

    private static void RemoveKeptKeys(PlannedRoot root, string directory)
    {
        foreach (string name in root.NamesIn(directory))
        {
            if (HostKeys.IsName(name))
            {
                root.Remove($"{directory}/{name}");
            }
        }

        Remove(root, directory, "dropbear_", "_host_key");
        _ = root.TryRemoveEmptyDirectory(directory);   // what else is in it is somebody's
    }

    // What a run that was killed has left: shadow with the hash of the password is among it.
    private static void RemoveTemporaries(PlannedRoot root, string directory)
    {
        foreach (string name in root.NamesIn(directory))
        {
            string path = $"{directory}/{name}";
            if (Commit.IsTemporary(name))
            {
                root.Remove(path);
            }
            else if (root.TryStatusOfName(path) is { Status.IsDirectory: true })
            {
                RemoveTemporaries(root, path);
            }
        }
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
