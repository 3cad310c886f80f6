using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Rehearsal;

/// <summary>The user of a machine, as ssh(1) meets them from outside.</summary>
/// <param name="directory">has the rehearsal's key, and takes what the user types and the host keys that were seen</param>
internal sealed class Login(Ovf ovf, string directory, string name)
{
    private const int ConnectSeconds = 10;
    private const int CommandSeconds = 120;

    private readonly string _knownHosts = Path.Combine(directory, $"{name}.known_hosts");

    internal static string KeyFile(string directory) => Path.Combine(directory, "key");

    /// <summary>The host keys that the machine has shown, of all kinds; none before the first login.</summary>
    internal HashSet<string> HostKeys
    {
        get
        {
            // known_hosts: name, kind, key.
            string[] lines = File.Exists(_knownHosts) ? File.ReadAllLines(_knownHosts) : [];
            return [.. lines.Select(line => line.Split(' ')).Where(fields => fields.Length > 2).Select(fields => fields[2])];
        }
    }

    /// <summary>Runs a command, which gets the password on its standard input; logged in by key if there is one.</summary>
    internal Tool Run(string command) => ovf.HasKey ? ByKey(command) : ByPassword(command);

    internal Tool ByPassword(string command) => Ssh(
        [
            "sshpass", "-f", PasswordFile(), "ssh", "-o", "PreferredAuthentications=password,keyboard-interactive",
            "-o", "PubkeyAuthentication=no",
        ],
        command);

    /// <summary>As root, by sudo, if it is there and the user may.</summary>
    internal Tool AsRoot(string command) =>
        Run($"exec sudo -S -p '' -- sh -c '{command.Replace("'", "'\\''", StringComparison.Ordinal)}'");

    private Tool ByKey(string command) => Ssh(
        ["ssh", "-i", KeyFile(directory), "-o", "IdentitiesOnly=yes", "-o", "PreferredAuthentications=publickey", "-o", "BatchMode=yes"],
        command);

    private Tool Ssh(string[] client, string command) => Tool.Try("timeout",
    [
        CommandSeconds.ToString(CultureInfo.InvariantCulture), "sh", "-c", "exec \"$@\" <\"$0\"", PasswordFile(), .. client,
        "-F", "none", "-o", "StrictHostKeyChecking=accept-new", "-o", $"UserKnownHostsFile=\"{_knownHosts}\"",
        "-o", "GlobalKnownHostsFile=none", "-o", "HashKnownHosts=no", "-o", "UpdateHostKeys=yes", "-o", "LogLevel=ERROR", "-o", "NumberOfPasswordPrompts=1",
        "-o", $"ConnectTimeout={ConnectSeconds}", $"{ovf.UserName}@{Network.Guest}", command,
    ]);

    private string PasswordFile()
    {
        string file = Path.Combine(directory, "typed");
        File.WriteAllText(file, ovf.Password + "\n");
        return file;
    }
}
