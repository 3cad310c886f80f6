using System;
using System.Text.RegularExpressions;
using Xunit;

namespace Azprovision.Tests.Boot;

/// <summary>What every machine is that was provisioned with the sample OVF, whatever booted it.</summary>
internal static partial class ProvisionedMachine
{
    internal const string GoalStateRequest = "GET /machine/?comp=goalstate";
    internal const string HealthRequest = "POST /machine?comp=health";
    internal const string Key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ada@laptop";

    /// <summary>Provisioned with one goal state request and one report.</summary>
    internal static void AssertIs(VirtualMachine machine, BootRecord boot)
    {
        AssertIsOnDisk(machine, boot);
        Assert.Equal(1, boot.Count(GoalStateRequest));
        Assert.Equal(1, boot.Count(HealthRequest));
    }

    internal static void AssertIsOnDisk(VirtualMachine machine, BootRecord boot)
    {
        Assert.Contains("guest: host name heron", boot.Serial, StringComparison.Ordinal);
        Assert.Contains("guest: nothing left behind", boot.Serial, StringComparison.Ordinal);
        Assert.Contains("<State>Ready</State>", boot.Received, StringComparison.Ordinal);

        GuestDisk disk = machine.Disk;
        Assert.Equal("heron\n", disk.Read("/etc/hostname"));
        Assert.Contains("\nada:x:1000:1000:", disk.Read("/etc/passwd"), StringComparison.Ordinal);
        Assert.Matches(ShadowLine(), disk.Read("/etc/shadow"));
        Assert.Contains("\nada:x:1000:", disk.Read("/etc/group"), StringComparison.Ordinal);
        Assert.Equal(Key + "\n", disk.Read("/home/ada/.ssh/authorized_keys"));
        Assert.Equal("100600 1000 1000", disk.Status("/home/ada/.ssh/authorized_keys"));
        Assert.Equal("040700 1000 1000", disk.Status("/home/ada/.ssh"));
        Assert.Equal("#!/bin/sh\necho hello >/tmp/hello\n", disk.Read("/var/lib/azprovision/custom-data"));
        Assert.Equal("100600 0 0", disk.Status("/var/lib/azprovision/custom-data"));
        Assert.Single(disk.List("/var/lib/azprovision"), IsMarker);
    }

    internal static bool IsMarker(string name) => name.EndsWith(".provisioned", StringComparison.Ordinal);

    [GeneratedRegex(@"\nada:\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}:")]
    private static partial Regex ShadowLine();
}
