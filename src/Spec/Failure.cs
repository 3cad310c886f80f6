using System;

namespace Azprovision.Spec;

/// <summary>Why a run failed. Each member is an exit code, an item of the manual and a reason in the report.</summary>
internal enum Failure
{
    Internal = 1,
    Usage = 2,
    NotRoot = 3,
    Incomplete = 4,
    NoData = 10,
    BadData = 11,
    Preprovisioned = 12,
    Network = 20,
    Platform = 21,
    HostName = 30,
    User = 31,
    Password = 32,
    Sudo = 33,
    SshKeys = 34,
    Sshd = 35,
    CustomData = 36,
    SystemFiles = 37,
    TimedOut = 40,
}

/// <summary>A step that had to succeed and did not; the message is the one line for the log and the report.</summary>
internal sealed class ProvisioningException(Failure failure, string message, Exception? cause = null)
    : Exception(message, cause)
{
    internal Failure Failure => failure;
}

/// <summary>The reason texts of the report; cloud-init's and azure-init's own words where they have some.</summary>
internal static class FailureReason
{
    internal static string Of(Failure failure) => failure switch
    {
        Failure.Internal => "unhandled exception",
        Failure.Usage => "bad command line or configuration",
        Failure.NotRoot => "not root",
        Failure.Incomplete => "image incomplete",
        Failure.NoData => "no provisioning data found",
        Failure.BadData => "provisioning data malformed",
        Failure.Preprovisioned => "pre-provisioned machine not supported",
        Failure.Network => "failure to obtain DHCP lease",
        Failure.Platform => "platform not reachable",
        Failure.HostName => "failed to provision hostname",
        Failure.User => "failed to provision user",
        Failure.Password => "failed to provision password",
        Failure.Sudo => "failed to provision sudo",
        Failure.SshKeys => "failed to provision ssh keys",
        Failure.Sshd => "failed to update sshd config",
        Failure.CustomData => "failed to provision custom data",
        Failure.SystemFiles => "system files not writable or damaged",
        Failure.TimedOut => "operation timed out",
    };
}
