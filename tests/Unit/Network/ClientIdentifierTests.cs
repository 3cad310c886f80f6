using Azprovision.Network;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Network;

public class ClientIdentifierTests
{
    private static readonly Link s_link = new(3, 1, 0, "eth0", [0, 0x0d, 0x3a, 0x12, 0x34, 0x56], 1500, null, null);

    [Fact]
    public void Without_a_trace_of_a_client_the_common_ones_are_tried()
    {
        using var root = new TempRoot();
        Assert.Equal([null, [1, 0, 0x0d, 0x3a, 0x12, 0x34, 0x56]], ClientIdentifier.Candidates(root.Files, s_link));
    }

    [Fact]
    public void What_networkd_wrote_down_for_this_link_is_tried_first()
    {
        using TempRoot root = new TempRoot()
            .With("/run/systemd/netif/leases/2", "CLIENTID=0102\n")
            .With("/run/systemd/netif/leases/3", "# private\nADDRESS=10.9.0.100\nCLIENTID=ffb6220feb\n");
        Assert.Equal([0xFF, 0xB6, 0x22, 0x0F, 0xEB], ClientIdentifier.Candidates(root.Files, s_link)[0]!);
    }

    [Fact]
    public void The_duid_of_dhcpcd_counts_if_it_has_a_lease_for_this_link()
    {
        using TempRoot root = new TempRoot().With("/var/lib/dhcpcd/duid", "00:03:00:01:aa\n");
        Assert.Null(ClientIdentifier.Candidates(root.Files, s_link)[0]);
        root.With("/var/lib/dhcpcd/eth0.lease", "");
        Assert.Equal(
            [0xFF, 0x3a, 0x12, 0x34, 0x56, 0, 3, 0, 1, 0xaa], ClientIdentifier.Candidates(root.Files, s_link)[0]!);
    }

    [Theory]
    [InlineData("CLIENTID=")]
    [InlineData("CLIENTID=abc")]
    [InlineData("CLIENTID=xy")]
    [InlineData("OTHER=ff")]
    public void What_is_no_identifier_is_passed_over(string lease) => Assert.Null(ClientIdentifier.OfNetworkd(lease));
}
