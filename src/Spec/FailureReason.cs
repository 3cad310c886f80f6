namespace Azprovision.Spec;

/// <summary>The reason texts of the report; cloud-init's and azure-init's own words where they have some.</summary>
internal static class FailureReason
{
    internal static string Of(Failure failure) => failure switch
    {
        Failure.Internal => "unhandled exception",
        Failure.Usage => "bad command line or configuration",
        Failure.NotRoot => "not root",
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
