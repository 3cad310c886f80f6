using System;
using System.IO;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Live.Support;

/// <summary>
/// A Debian 12 root with the programs that read what we write, provisioned by the published executable for the user ada.
/// </summary>
internal sealed class DebianMachine : IDisposable
{
    internal const string Password = "Tr0ub&dor 3<x";

    private readonly Tree _tree = new();
    private readonly DirectoryInfo _outside = Directory.CreateTempSubdirectory("azprovision-ssh-");

    internal DebianMachine(bool hasPassword)
    {
        Tool.Run("cp", "-a", $"{DebianRoot.WithConsumers()}/.", Root);
        File.WriteAllText(_tree.HostPath("etc/doas.conf"), "permit nopass root as root");
        Tool.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ada@laptop", "-f", KeyPath);
        File.WriteAllText(Path.Combine(_outside.FullName, "ovf-env.xml"), Ovf(hasPassword));

        using ScriptedServer platform = AzurePlatform.Healthy(new ScriptedServer());
        Provisioned = Provisioning.Run(Root, platform, "--media", _outside.FullName, "--groups", "adm,users");
    }

    internal Tool Provisioned { get; }

    internal string Root => _tree.Path;

    private string KeyPath => Path.Combine(_outside.FullName, "key");

    /// <summary>Runs a shell script on the machine: its root, and network, processes and host name of its own.</summary>
    internal Tool Run(string script) => RunOutside($"exec chroot {Root} sh -c {Quote(script)}");

    /// <summary>Starts the machine's sshd and tries to get in by these options of ssh(1).</summary>
    internal Tool Login(string options, string command = "id -un") => RunOutside($"""
        {StartSshd}
        SSHPASS={Quote(Password)} {options.Replace("ssh ", Ssh, StringComparison.Ordinal)} ada@127.0.0.1 {Quote(command)}
        """);

    /// <summary>Sets up sshd anew while it runs; says "alive" at the end if that one process still does.</summary>
    internal Tool SetUpRunningSshd(string wrapper = "") => RunOutside($"""
        {StartSshd}
        mount -t proc proc /proc && rm {Root}/etc/ssh/sshd_config.d/00-azprovision.conf
        {wrapper} {Repository.Binary} --root {Root} --media {_outside.FullName} --only sshd -v 2>&1 && sleep 0.5
        kill -0 "$(cat {Root}/run/sshd.pid)" && echo alive
        """);

    /// <summary>Sets up sudo anew, with this line before and that one behind all others, and uses it with the password.</summary>
    internal Tool SudoWith(string first, string last) => RunOutside($"""
        set -e
        cd {Root}/etc && cp -p sudoers sudoers.kept && trap 'mv {Root}/etc/sudoers.kept {Root}/etc/sudoers' EXIT
        printf '%s\n' {Quote(Password)} >{Root}/tmp/password
        printf '%s\n' {Quote(first)} "$(cat sudoers.kept)" {Quote(last)} >sudoers
        {Repository.Binary} --root {Root} --media {_outside.FullName} --only sudo >&2
        chroot {Root} sh -c 'visudo -c -q && su ada -c "sudo -k -S id -u </tmp/password"'
        """);

    internal Tool LoginByKey(string command = "id -un") =>
        Login($"ssh -i {KeyPath} -o PreferredAuthentications=publickey", command);

    internal Tool LoginByPassword(string method) =>
        Login($"sshpass -e ssh -o PreferredAuthentications={method} -o NumberOfPasswordPrompts=1");

    private string StartSshd => $"""
        mkdir -p {Root}/run/sshd && rm -f {Root}/run/sshd.pid
        chroot {Root} /usr/sbin/sshd -p 2222 || exit 100
        until [ -s {Root}/run/sshd.pid ]; do sleep 0.05; done
        """;

    public void Dispose()
    {
        _tree.Dispose();
        _outside.Delete(recursive: true);
    }

    private const string Ssh =
        "ssh -F none -p 2222 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes -o LogLevel=ERROR ";

    // The first process of a process namespace takes the others with it, so that no sshd stays behind.
    private Tool RunOutside(string script) => Tool.Try(
        "unshare", "--mount", "--net", "--uts", "--pid", "--fork", "--kill-child", "sh", "-c",
        $"ip link set lo up && mount -t proc proc {Root}/proc || exit 99\n{script}");

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private string Ovf(bool hasPassword) => $"""
        <Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:wa="http://schemas.microsoft.com/windowsazure">
          <wa:ProvisioningSection>
            <wa:Version>1.0</wa:Version>
            <LinuxProvisioningConfigurationSet xmlns="http://schemas.microsoft.com/windowsazure">
              <HostName>heron</HostName>
              <UserName>ada</UserName>
              {(hasPassword ? $"<UserPassword>{Password.Replace("&", "&amp;").Replace("<", "&lt;")}</UserPassword>" : "")}
              <DisableSshPasswordAuthentication>{(hasPassword ? "false" : "true")}</DisableSshPasswordAuthentication>
              <SSH>
                <PublicKeys>
                  <PublicKey>
                    <Path>/home/ada/.ssh/authorized_keys</Path>
                    <Value>{File.ReadAllText($"{KeyPath}.pub").Trim()}</Value>
                  </PublicKey>
                </PublicKeys>
              </SSH>
            </LinuxProvisioningConfigurationSet>
          </wa:ProvisioningSection>
          <wa:PlatformSettingsSection>
            <wa:Version>1.0</wa:Version>
            <PlatformSettings xmlns="http://schemas.microsoft.com/windowsazure">
              <ProvisionGuestAgent>false</ProvisionGuestAgent>
            </PlatformSettings>
          </wa:PlatformSettingsSection>
        </Environment>
        """;
}
