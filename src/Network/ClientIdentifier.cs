using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;
using Azprovision.Files;

namespace Azprovision.Network;

/// <summary>
/// What the machine's own DHCP client may send as option 61 (RFC 2132 9.14). Azure goes by the hardware address; a server
/// that goes by the identifier refuses to renew a lease under another one.
/// </summary>
internal static class ClientIdentifier
{
    private const byte Ethernet = 1;
    private const byte RFC4361 = 255;

    /// <summary>The likeliest first; null is none, as ISC dhclient does, and the last one is that of BusyBox.</summary>
    internal static IReadOnlyList<byte[]?> Candidates(SystemRoot files, Link link)
    {
        var candidates = new List<byte[]?>();
        if (files.TryRead($"/run/systemd/netif/leases/{link.Index}") is { } lease
            && OfNetworkd(Encoding.Latin1.GetString(lease)) is { } networkd)
        {
            candidates.Add(networkd);
        }

        if (files.TryStatus($"/var/lib/dhcpcd/{link.Name}.lease") is not null
            && files.TryRead("/var/lib/dhcpcd/duid") is { } duid
            && OfDhcpcd(Encoding.Latin1.GetString(duid), link.HardwareAddress) is { } dhcpcd)
        {
            candidates.Add(dhcpcd);
        }

        candidates.Add(null);
        candidates.Add([Ethernet, .. link.HardwareAddress]);
        return candidates;
    }

    /// <summary>systemd-networkd writes it down: a line "CLIENTID=ff...", hexadecimal.</summary>
    internal static byte[]? OfNetworkd(string lease)
    {
        const string Name = "CLIENTID=";
        foreach (string line in lease.Split('\n'))
        {
            if (line.StartsWith(Name, StringComparison.Ordinal))
            {
                return TryParse(line.AsSpan(Name.Length).Trim());
            }
        }

        return null;
    }

    /// <summary>dhcpcd keeps its DUID ("00:01:..."); the interface's part is the end of the hardware address (RFC 4361).</summary>
    internal static byte[]? OfDhcpcd(string duid, byte[] hardwareAddress) =>
        TryParse(duid.Replace(":", "", StringComparison.Ordinal).AsSpan().Trim()) is { } parsed
            ? [RFC4361, .. hardwareAddress.AsSpan(2), .. parsed]
            : null;

    private static byte[]? TryParse(ReadOnlySpan<char> hex)
    {
        byte[] bytes = new byte[hex.Length / 2];
        return hex.Length > 0 && Convert.FromHexString(hex, bytes, out _, out int count) == OperationStatus.Done
            && count == bytes.Length && hex.Length == 2 * count ? bytes : null;
    }
}
