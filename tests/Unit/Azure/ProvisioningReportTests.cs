using System;
using Azprovision.Azure;
using Xunit;

namespace Azprovision.Tests.Unit.Azure;

public class ProvisioningReportTests
{
    private const string VmId = "4e3f2a10-9b7c-4d5e-8f60-1a2b3c4d5e6f";

    private static readonly DateTimeOffset s_now =
        new DateTimeOffset(2026, 1, 2, 5, 4, 5, 678, 901, TimeSpan.FromHours(2)).AddTicks(7);

    [Theory]
    [InlineData(null, "None")]
    [InlineData(VmId, VmId)]
    public void Failure_has_what_supports_it_between_agent_and_vm_id(string? vmId, string shown) =>
        Assert.Equal(
            $"result=error|reason=no user|agent=azprovision/1.2|code=31|'at=it''s'|vm_id={shown}"
            + "|timestamp=2026-01-02T03:04:05.678901+00:00|documentation_url=https://aka.ms/linuxprovisioningerror",
            ProvisioningReport.Failure("no user", "azprovision/1.2", ["code=31", "at=it's"], vmId, s_now));

    [Fact]
    public void Fields_are_quoted_as_cloud_init_quotes_them() =>
        Assert.Equal(
            "result=error|'reason=bad ''x'''|'a=b|c'",
            ProvisioningReport.Join(["result=error", "reason=bad 'x'", "a=b|c"]));

    [Theory]
    [InlineData("a=\"b\"", "a=\"b\"")]
    [InlineData("a=b\nc", "'a=b\nc'")]
    [InlineData("a=b\rc", "'a=b\rc'")]
    [InlineData("", "")]
    public void Only_the_delimiter_the_quote_and_line_breaks_need_quotes(string field, string joined) =>
        Assert.Equal(joined, ProvisioningReport.Join([field]));
}
