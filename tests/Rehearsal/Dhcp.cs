using System;
using System.Diagnostics;
using System.IO;

namespace Azprovision.Tests.Rehearsal;

/// <summary>dnsmasq with the options of Azure's DHCP and a DNS that knows nobody; and no memory of who had the address before.</summary>
internal sealed class Dhcp : IDisposable
{
    // Under the number of RFC 3442, and Microsoft's.
    private const string Routes =
        $"0.0.0.0/0,{Network.Gateway},{Network.WireServer}/32,{Network.Gateway},{Network.Metadata}/32,{Network.Gateway}";

    private readonly Process _dnsmasq;

    internal Dhcp(string log)
    {
        string leases = log + ".leases";
        File.Delete(leases);
        File.Delete(log);
        _dnsmasq = Process.Start(
            "dnsmasq",
            [
                "--keep-in-foreground", "--user=root", $"--log-facility={log}", "--log-dhcp", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                $"--listen-address={Network.Gateway},{Network.WireServer}", "--bind-interfaces",
                "--dhcp-authoritative", $"--dhcp-leasefile={leases}",
                $"--dhcp-range={Network.Guest},{Network.Guest},255.255.255.0,infinite", $"--dhcp-option=option:router,{Network.Gateway}",
                $"--dhcp-option=option:dns-server,{Network.WireServer}", "--domain=rehearsal.internal.cloudapp.net",
                $"--dhcp-option-force=121,{Routes}", $"--dhcp-option-force=249,{Routes}",
                $"--dhcp-option-force=245,{Network.WireServer}",
            ]);
    }

    public void Dispose()
    {
        _dnsmasq.Kill();
        _dnsmasq.WaitForExit();
        _dnsmasq.Dispose();
    }
}
