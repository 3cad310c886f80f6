using System;
using System.Text;
using Azprovision.Run;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Run;

public class HostEntropyTests
{
    // Header of protocol: signature, length, revision, checksum, OEM id, table id, revisions.
    private static byte[] Table(int length, int payload, byte fill)
    {
        byte[] table = [.. "OEM0"u8, .. BitConverter.GetBytes(length), 1, 0, .. "VRTUALMICROSFT"u8, 1, 0, 0, 0, .. "MSFT"u8, 1, 0, 0, 0, .. new byte[payload]];
        table.AsSpan(36).Fill(fill);
        return table;
    }

    [Theory]
    [InlineData(100, 64, 7, 64)]
    [InlineData(36, 64, 7, 0)]      // the kernel has cut it to its header
    [InlineData(100, 64, 0, 0)]     // or erased it
    [InlineData(100, 10, 7, 0)]     // shorter than it says
    [InlineData(-1, 64, 7, 0)]
    [InlineData(0, 64, 7, 0)]
    [InlineData(36, 0, 7, 0)]
    public void What_follows_the_header_is_fed(int length, int payload, byte fill, int fed) =>
        Assert.Equal(fed, HostEntropy.PayloadOf(Table(length, payload, fill)).Length);

    [Fact]
    public void No_other_table_is() => Assert.Equal(0, HostEntropy.PayloadOf(Encoding.ASCII.GetBytes(new string('x', 100))).Length);

    [Fact]
    public void It_goes_to_urandom()
    {
        using var root = new TempRoot().With("/dev/urandom", "");
        using var log = new LogFile();
        root.With("/sys/firmware/acpi/tables/OEM0", Encoding.Latin1.GetString(Table(100, 64, 7)));
        HostEntropy.Feed(new Host(
            root.Files, root.Files, root.HostPath("/dev"), Endpoint.WireServer, TimeProvider.System,
            Deadline.After(TimeSpan.FromSeconds(1), TimeProvider.System), Deadline.After(TimeSpan.FromSeconds(1), TimeProvider.System), log.Log));
        Assert.Equal(new string('\a', 64), root.Read("/dev/urandom"));
        Assert.Contains("64 random bytes", log.Text);
    }
}
