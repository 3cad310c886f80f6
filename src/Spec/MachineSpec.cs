using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Azprovision.Spec;

/// <summary>
/// Everything that will be true of this machine, decided and checked. What the sources said is not asked again after
/// this; --dry-run prints it.
/// </summary>
/// <param name="Source">"media", "imds", "media+imds", or "record": the same machine is made again</param>
/// <param name="VmId">the platform's id of this VM, in its byte order; null when nothing tells it</param>
/// <param name="SshPasswordAuthentication">null: sshd's setting is left as it is</param>
/// <param name="UserData">IMDS's, kept only where there are no custom data</param>
/// <param name="UnknownKey">what is told of a key that the platform named and nobody has</param>
/// <param name="Ovf">null: there were no media</param>
internal sealed record MachineSpec(
    string Source,
    string? VmId,
    HostName HostName,
    UserSpec User,
    bool? SshPasswordAuthentication,
    Secret? CustomData,
    Secret? UserData,
    PreprovisionedVmType PreprovisionedVm,
    bool ProvisionGuestAgent,
    bool ProvisionGuestProxyAgent,
    string? UnknownKey,
    OvfDocument? Ovf,
    IReadOnlyList<string> Warnings)
{
    // The platform's own limit; cloud-init refuses a longer one with the same words.
    private const int MaxPasswordLength = 72;

    /// <summary>All that the wire server has for this machine, if it was asked.</summary>
    internal IReadOnlyList<PlatformCertificate> Certificates { get; private init; } = [];

    /// <summary>Whether something is known only by a fingerprint, of which the wire server may have the certificate.</summary>
    internal bool NeedsCertificates
    {
        get
        {
            foreach (UserKeyPair pair in User.KeyPairs)
            {
                if (pair.Certificate is null)
                {
                    return true;
                }
            }

            return UnknownKey is not null;
        }
    }

    /// <summary>Whether there is something that IMDS may know and these media do not say.</summary>
    internal static bool LeavesOpen(OvfEnvironment ovf) =>
        ovf.HostName is null || ovf.UserName is null || ovf.DisableSshPasswordAuthentication is null
        || ovf.PublicKeys.Count == 0 || HasUnknownKey(ovf);

    /// <summary>
    /// Decides: what the media say counts; IMDS has its word where they say nothing, or nothing that can be. Throws
    /// InvalidDataException with the value and the element.
    /// </summary>
    /// <param name="certificates">those of the wire server, if they were asked for</param>
    internal static MachineSpec From(
        string? vmId, OvfEnvironment? ovf, ImdsInstance? imds, IReadOnlyList<PlatformCertificate>? certificates = null)
    {
        certificates ??= [];
        var warnings = new List<string>();
        if (ovf?.Version is { } version && version != "1" && !version.StartsWith("1.", StringComparison.Ordinal))
        {
            warnings.Add($"ovf-env.xml has version '{Printable.Of(version)}', this program knows 1.0");
        }

        if (ovf is null)
        {
            warnings.Add("there are no provisioning media: " + (imds?.HasCustomData switch
            {
                true => "the custom data of this machine, which IMDS knows of but does not tell, are missing, and a password is not set",
                false => "a password, which IMDS does not tell, is not set",
                null => "a password and custom data, which IMDS does not tell, are not set",
            }));
        }

        HostName hostName = Choose(ovf is not null, ovf?.HostName, imds?.HostName, HostName.Parse, "HostName", warnings);
        UserName userName = Choose(ovf is not null, ovf?.UserName, imds?.UserName, UserName.Parse, "UserName", warnings);
        Secret? password = CheckPassword(ovf?.UserPassword);
        bool isRedacted = password is not null && IsRedacted(password);
        if (isRedacted)
        {
            warnings.Add("the password in ovf-env.xml is a placeholder of a cached copy, the account's password is left alone");
            password = null;
        }

        List<AuthorizedKey> keys = Keys(ovf, imds, certificates, warnings, out string? unknownKey);
        var keyPairs = new List<UserKeyPair>();
        foreach (OvfKeyPair pair in ovf?.KeyPairs ?? [])
        {
            PlatformCertificate? certificate = Find(certificates, pair.Fingerprint, needsPrivateKey: true);
            keyPairs.Add(new UserKeyPair(pair.Fingerprint, pair.Path, certificate));
        }

        bool? disable = ovf?.DisableSshPasswordAuthentication ?? imds?.DisablePasswordAuthentication;
        return new MachineSpec(
            ovf is null ? "imds" : imds is null ? "media" : "media+imds",
            vmId ?? imds?.VmId,
            hostName,
            new UserSpec(userName, password, isRedacted || ovf is null, keys, keyPairs),
            disable is { } d ? !d : password is null ? null : true,
            ovf?.CustomData,
            ovf?.CustomData is null ? imds?.UserData : null,
            Preprovisioned(ovf, imds),
            ovf?.ProvisionGuestAgent ?? true,
            ovf?.ProvisionGuestProxyAgent ?? false,
            unknownKey,
            ovf?.Document,
            warnings)
        {
            Certificates = certificates,
        };
    }

    internal void WipePrivateKeys()
    {
        foreach (PlatformCertificate certificate in Certificates)
        {
            certificate.PrivateKeyPem?.Wipe();
        }
    }

    /// <summary>Refuses a machine that the platform does not want provisioned yet.</summary>
    internal void RequireWanted()
    {
        if (PreprovisionedVm != PreprovisionedVmType.None)
        {
            throw new ProvisioningException(
                Failure.Preprovisioned,
                $"the platform parked this machine (PreprovisionedVMType {NameOf(PreprovisionedVm)}), "
                + "which this version cannot wait for");
        }
    }

    private static T Choose<T>(
        bool hasMedia, string? fromMedia, string? fromImds, Func<string, T> parse, string element, List<string> warnings)
    {
        if (fromMedia is not null)
        {
            try
            {
                return parse(fromMedia);
            }
            catch (InvalidDataException e) when (fromImds is not null)
            {
                warnings.Add($"{e.Message}; taking the one of IMDS");
            }
        }

        return parse(fromImds ?? throw new InvalidDataException(hasMedia
            ? $"unexpected metadata parsing ovf-env.xml: missing configuration for '{element}'"
            : $"IMDS does not tell what ovf-env.xml calls '{element}', and there are no media"));
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

    private static List<AuthorizedKey> Keys(
        OvfEnvironment? ovf,
        ImdsInstance? imds,
        IReadOnlyList<PlatformCertificate> certificates,
        List<string> warnings,
        out string? unknownKey)
    {
        List<AuthorizedKey> others = KeysOf(imds, warnings);
        var problems = new List<string>();
        var keys = new List<AuthorizedKey>();
        unknownKey = null;
        foreach (OvfPublicKey key in ovf?.PublicKeys ?? [])
        {
            string? value = key.Value ?? Find(certificates, key.Fingerprint, needsPrivateKey: false)?.OpenSshLine;
            if (value is not null)
            {
                keys.AddRange(
                    SshPublicKey.ParseAll(value, problems).ConvertAll(parsed => new AuthorizedKey(parsed, key.Path)));
            }
            else if (others.Count == 0)
            {
                string unknown = key.Fingerprint is { } fingerprint
                    ? $"SSH key with fingerprint '{Printable.Of(fingerprint)}' has no value in ovf-env.xml, and there is no certificate for it"
                    : "SSH key has neither a value nor a fingerprint in ovf-env.xml";
                unknownKey ??= unknown;
                warnings.Add($"{unknown}; it is left out");
            }
        }

        if (problems.Count > 0 && keys.Count == 0 && others.Count == 0)
        {
            throw new InvalidDataException(problems[0]);
        }

        warnings.AddRange(problems.ConvertAll(problem => $"{problem}; it is left out"));

        // A key that the media have in full may be one of these too; which file it goes to is theirs to say.
        if (ovf is null || keys.Count == 0 || problems.Count > 0 || HasUnknownKey(ovf))
        {
            keys.AddRange(others.FindAll(other => !keys.Exists(key => key.Key.Blob == other.Key.Blob)));
        }

        return keys;
    }

    private static PlatformCertificate? Find(
        IReadOnlyList<PlatformCertificate> certificates, string? fingerprint, bool needsPrivateKey)
    {
        foreach (PlatformCertificate certificate in certificates)
        {
            if (certificate.IsNamed(fingerprint) && (!needsPrivateKey || certificate.PrivateKeyPem is not null))
            {
                return certificate;
            }
        }

        return null;
    }

    private static List<AuthorizedKey> KeysOf(ImdsInstance? imds, List<string> warnings)
    {
        var keys = new List<AuthorizedKey>();
        var problems = new List<string>();
        foreach (string value in imds?.PublicKeys ?? [])
        {
            keys.AddRange(SshPublicKey.ParseAll(value, problems).ConvertAll(key => new AuthorizedKey(key, null)));
        }

        warnings.AddRange(problems.ConvertAll(problem => $"IMDS: {problem}; it is left out"));
        return keys;
    }

    private static bool HasUnknownKey(OvfEnvironment ovf)
    {
        foreach (OvfPublicKey key in ovf.PublicKeys)
        {
            if (key.Value is null)
            {
                return true;
            }
        }

        return false;
    }

    private static PreprovisionedVmType Preprovisioned(OvfEnvironment? ovf, ImdsInstance? imds)
    {
        foreach (PreprovisionedVmType type in (PreprovisionedVmType[])
            [PreprovisionedVmType.Savable, PreprovisionedVmType.PreprovisionedOSDisk, PreprovisionedVmType.Running])
        {
            string name = NameOf(type);
            if (ovf?.PreprovisionedVmType == name || imds?.PpsType == name)
            {
                return type;
            }
        }

        return ovf?.PreprovisionedVm == true ? PreprovisionedVmType.Running : PreprovisionedVmType.None;
    }

    /// <summary>The platform's own name of a type.</summary>
    internal static string NameOf(PreprovisionedVmType type) => type switch
    {
        PreprovisionedVmType.None => "None",
        PreprovisionedVmType.Running => "Running",
        PreprovisionedVmType.Savable => "Savable",
        PreprovisionedVmType.PreprovisionedOSDisk => "PreprovisionedOSDisk",
    };
}
