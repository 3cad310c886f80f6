using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Azprovision.Spec;

/// <summary>
/// Everything that will be true of this machine, decided and checked. What the sources said is not asked again after
/// this; --dry-run prints it.
/// </summary>
/// <param name="VmId">the platform's id of this VM, in its byte order; null when nothing tells it</param>
/// <param name="SshPasswordAuthentication">null: sshd's setting is left as it is</param>
internal sealed record MachineSpec(
    string? VmId,
    HostName HostName,
    UserSpec User,
    bool? SshPasswordAuthentication,
    Secret? CustomData,
    PreprovisionedVmType PreprovisionedVm,
    bool ProvisionGuestAgent,
    bool ProvisionGuestProxyAgent,
    OvfDocument Ovf,
    IReadOnlyList<string> Warnings)
{
    // The platform's own limit; cloud-init refuses a longer one with the same words.
    private const int MaxPasswordLength = 72;
    private const int MaxCustomDataLength = 64 << 10;

    /// <summary>Decides from what the media said. Throws InvalidDataException with the value and the element.</summary>
    internal static MachineSpec From(string? vmId, OvfEnvironment ovf)
    {
        var warnings = new List<string>();
        if (ovf.Version is { } version && version != "1" && !version.StartsWith("1.", System.StringComparison.Ordinal))
        {
            warnings.Add($"ovf-env.xml has version '{Printable.Of(version)}', this program knows 1.0");
        }

        HostName hostName = HostName.Parse(ovf.HostName ?? throw Missing("HostName"));
        UserName userName = UserName.Parse(ovf.UserName ?? throw Missing("UserName"));
        Secret? password = CheckPassword(ovf.UserPassword);
        bool isRedacted = password is not null && IsRedacted(password);
        if (isRedacted)
        {
            warnings.Add("the password in ovf-env.xml is a placeholder of a cached copy, the account's password is left alone");
            password = null;
        }

        if (ovf.CustomData is { Length: > MaxCustomDataLength } tooLong)
        {
            throw new InvalidDataException($"custom data of {tooLong.Length} bytes are longer than {MaxCustomDataLength}");
        }

        var user = new UserSpec(userName, password, isRedacted, Keys(ovf, warnings), ovf.KeyPairs);
        return new MachineSpec(
            vmId,
            hostName,
            user,
            ovf.DisableSshPasswordAuthentication is { } disable ? !disable : password is null ? null : true,
            ovf.CustomData,
            Preprovisioned(ovf),
            ovf.ProvisionGuestAgent ?? true,
            ovf.ProvisionGuestProxyAgent ?? false,
            ovf.Document,
            warnings);
    }

    /// <summary>
    /// Refuses a machine into which nobody could log in although the platform named keys: better a deployment that fails
    /// with a reason than one that looks well.
    /// </summary>
    internal void RequireLogin(OvfEnvironment ovf)
    {
        if (User.Keys.Count == 0 && User.Password is null && ovf.PublicKeys.Count > 0)
        {
            throw new ProvisioningException(
                Failure.SshKeys,
                $"SSH key with fingerprint '{Printable.Of(ovf.PublicKeys[0].Fingerprint ?? "")}' has no value in ovf-env.xml, "
                + "certificates are not fetched, and nothing else would let anybody log in");
        }
    }

    private static Secret? CheckPassword(Secret? password)
    {
        if (password is null)
        {
            return null;
        }

        int characters = 0;
        foreach (Rune _ in Encoding.UTF8.GetString(password.Reveal()).EnumerateRunes())
        {
            characters++;
        }

        return characters > MaxPasswordLength
            ? throw new InvalidDataException($"unsupported password length={characters} max={MaxPasswordLength}")
            : password;
    }

    // cloud-init and the Azure Linux Agent put these in the place of the password in the copies that they keep.
    private static bool IsRedacted(Secret password) => Encoding.UTF8.GetString(password.Reveal()) is "REDACTED" or "*";

    private static List<AuthorizedKey> Keys(OvfEnvironment ovf, List<string> warnings)
    {
        var keys = new List<AuthorizedKey>();
        foreach (OvfPublicKey key in ovf.PublicKeys)
        {
            if (key.Value is not null)
            {
                foreach (SshPublicKey parsed in SshPublicKey.ParseAll(key.Value))
                {
                    keys.Add(new AuthorizedKey(parsed, key.Path));
                }
            }
            else
            {
                warnings.Add(
                    $"SSH key with fingerprint '{Printable.Of(key.Fingerprint ?? "")}' has no value in ovf-env.xml, "
                    + "and certificates are not fetched; it is left out");
            }
        }

        foreach (OvfKeyPair pair in ovf.KeyPairs)
        {
            warnings.Add(
                $"key pair with fingerprint '{Printable.Of(pair.Fingerprint ?? "")}' is left out, certificates are not fetched");
        }

        return keys;
    }

    private static PreprovisionedVmType Preprovisioned(OvfEnvironment ovf) => ovf.PreprovisionedVmType switch
    {
        "Savable" => PreprovisionedVmType.Savable,
        "PreprovisionedOSDisk" => PreprovisionedVmType.PreprovisionedOSDisk,
        "Running" => PreprovisionedVmType.Running,
        _ => ovf.PreprovisionedVm == true ? PreprovisionedVmType.Running : PreprovisionedVmType.None,
    };

    private static InvalidDataException Missing(string element) =>
        new($"unexpected metadata parsing ovf-env.xml: missing configuration for '{element}'");
}
