using System;
using System.Collections.Generic;
using System.Text;
using Azprovision.Files;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Sshd;

/// <summary>The step "ssh-keys" for key pairs: the private key where the platform says, the public one beside.</summary>
internal static class KeyPairFiles
{
    private const string DefaultFile = ".ssh/id_rsa";

    internal static void Plan(PlannedRoot root, Account account, IReadOnlyList<UserKeyPair> keyPairs, Log log)
    {
        foreach (UserKeyPair pair in keyPairs)
        {
            if (pair.Certificate?.PrivateKeyPem is not { } privateKey)
            {
                string fingerprint = Printable.Of(pair.Fingerprint ?? "");
                throw new ProvisioningException(
                    Failure.SshKeys,
                    $"no certificate of the wire server has the key pair with fingerprint '{fingerprint}'");
            }

            AuthorizedKeys.RequireHome(account);
            string path = ChoosePath(account, pair.Path, log);
            for (int slash = path.IndexOf('/', account.Home.Length + 1); slash > 0; slash = path.IndexOf('/', slash + 1))
            {
                root.Directory(path[..slash], new Ownership(0x1C0, account.Uid, account.Gid), account.Home);   // 0700
            }

            var owner = new Ownership(0x180, account.Uid, account.Gid);   // 0600
            root.Write(path, privateKey.Reveal().ToArray(), owner, account.Home);
            if (pair.Certificate.OpenSshLine is { } line)
            {
                byte[] content = Encoding.ASCII.GetBytes($"{line}\n");
                root.Write($"{path}.pub", content, owner with { Mode = 0x1A4 }, account.Home);   // 0644
            }
        }
    }

    // The platform names /home/NAME/... or, for the same, $HOME/NAME/..., whatever home the user has. A private key
    // has no place but below it.
    private static string ChoosePath(Account account, string? wanted, Log log)
    {
        string home = account.Home.TrimEnd('/');
        foreach (string prefix in (string[])[$"$HOME/{account.Name}/", $"/home/{account.Name}/", "$HOME/", $"{home}/"])
        {
            if (wanted?.StartsWith(prefix, StringComparison.Ordinal) == true && IsSound(wanted[prefix.Length..]))
            {
                return $"{home}/{wanted[prefix.Length..]}";
            }
        }

        string usual = $"{home}/{DefaultFile}";
        log.Warning($"the path '{Printable.Of(wanted ?? "")}' for a key pair cannot be used, taking '{usual}'");
        return usual;
    }

    private static bool IsSound(string path)
    {
        const string Public = ".pub";
        foreach (string component in path.Split('/'))
        {
            bool isName = component is not ("" or "." or "..") && component.Length <= 255 - Public.Length;
            if (!isName || component.AsSpan().ContainsAnyInRange('\0', '\x1f'))
            {
                return false;
            }
        }

        return path.Length < 2048;
    }
}
