using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Certificates;
using Azprovision.Configuration;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>Keys that come as certificates: in the place of a key, or by fingerprint from the wire server.</summary>
internal sealed class CertificateSource(Host host, Options options, PlatformLink platform)
{
    // The wire server is known to refuse the first one at times, or to send what does not decrypt.
    private static readonly string[] s_ciphers = ["AES128_CBC", "DES_EDE3_CBC"];

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    internal OvfEnvironment TakeKeys(OvfEnvironment ovf)
    {
        var keys = new List<OvfPublicKey>();
        foreach (OvfPublicKey key in ovf.PublicKeys)
        {
            if (key.Value is null)
            {
                keys.Add(key);
            }
            else if (TryTakeKey(key.Value) is { } line)
            {
                keys.Add(key with { Value = line });
            }
        }

        return ovf with { PublicKeys = keys };
    }

    internal ImdsInstance TakeKeys(ImdsInstance instance)
    {
        var keys = new List<string>();
        foreach (string key in instance.PublicKeys)
        {
            if (TryTakeKey(key) is { } line)
            {
                keys.Add(line);
            }
        }

        return instance with { PublicKeys = keys };
    }

    /// <summary>
    /// What the wire server has, if that is needed; null when it is not or is not to be had, which is told in the log.
    /// </summary>
    internal IReadOnlyList<PlatformCertificate>? TryFetch(MachineSpec spec)
    {
        bool isNeeded = options.Steps.HasFlag(Steps.SshKeys) && spec.NeedsCertificates;
        if (options.DryRun || !(isNeeded || options.Certificates))
        {
            return null;
        }

        Deadline deadline = host.Deadline.Within(s_patience);
        try
        {
            platform.Open(spec.HostName, deadline);
            return Fetch(deadline);
        }
        catch (Exception e) when (e is ProvisioningException or InvalidDataException or IOException or TimeoutException)
        {
            host.Log.Warning($"fetch certificates: {e.Message}");
            return null;
        }
    }

    private List<PlatformCertificate>? Fetch(Deadline deadline)
    {
        host.Log.Debug("make a transport certificate");
        var transport = TransportCertificate.Make(
            host.Time.GetUtcNow(), bytes => RandomBytes.Fill(bytes, deadline));
        try
        {
            return Fetch(transport, deadline);
        }
        finally
        {
            transport.Key.Wipe();
        }
    }

    private List<PlatformCertificate>? Fetch(TransportCertificate transport, Deadline deadline)
    {
        host.Log.Debug("fetch certificates");
        string problem = "";
        foreach (string cipher in s_ciphers)
        {
            try
            {
                if (platform.FetchCertificates(cipher, transport.Der, deadline) is not { } encrypted)
                {
                    host.Log.Warning("fetch certificates: the wire server has none for this machine");
                    return null;
                }

                List<PlatformCertificate> certificates = Read(EnvelopedData.Decrypt(encrypted, transport));
                host.Log.Info($"the wire server has {certificates.Count} certificates for this machine");
                return certificates;
            }
            catch (Exception e) when (e is ProvisioningException or InvalidDataException)
            {
                problem = $"{problem}{(problem.Length == 0 ? "" : "; ")}{cipher}: {e.Message}";
            }
        }

        throw new InvalidDataException(problem);
    }

    private static List<PlatformCertificate> Read(byte[] bundle)
    {
        try
        {
            return Convert(Pkcs12.Read(bundle));
        }
        finally
        {
            bundle.AsSpan().Clear();
        }
    }

    private static List<PlatformCertificate> Convert(IReadOnlyList<DeployedCertificate> deployed)
    {
        var certificates = new List<PlatformCertificate>();
        foreach (DeployedCertificate item in deployed)
        {
            Secret? key = item.PrivateKey is { } bytes ? new Secret(Pem.Encode("PRIVATE KEY", bytes.Reveal())) : null;
            item.PrivateKey?.Wipe();
            certificates.Add(new PlatformCertificate(
                item.Certificate.Thumbprint,
                item.Certificate.TryPublicKey()?.OpenSshLine,
                Pem.Encode("CERTIFICATE", item.Certificate.Der),
                key));
        }

        return certificates;
    }

    private string? TryTakeKey(string value)
    {
        try
        {
            return CertificateText.ToOpenSsh(value);
        }
        catch (InvalidDataException e)
        {
            host.Log.Warning($"a certificate in the place of an SSH key is left out: {e.Message}");
            return null;
        }
    }
}
