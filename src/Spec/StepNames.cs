namespace Azprovision.Spec;

/// <summary>What --only and --skip call the steps.</summary>
internal static class StepNames
{
    internal const string All =
        "hostname, user, password, sudo, ssh-keys, sshd, custom-data, system, resource-disk, report";

    internal static Steps? TryParse(string name) => name switch
    {
        "hostname" => Steps.HostName,
        "user" => Steps.User,
        "password" => Steps.Password,
        "sudo" => Steps.Sudo,
        "ssh-keys" => Steps.SshKeys,
        "sshd" => Steps.Sshd,
        "custom-data" => Steps.CustomData,
        "system" => Steps.System,
        "resource-disk" => Steps.ResourceDisk,
        "report" => Steps.Report,
        _ => null,
    };
}
