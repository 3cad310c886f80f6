using System;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Azprovision.Azure;
using Xunit;

namespace Azprovision.Tests.Unit.Azure;

public class HealthReportTests
{
    private static readonly GoalState s_goal = new("7", "0b3d6f1a", "6f0e1d2c3b4a.heron");

    [Fact]
    public void Ready_names_the_goal_state_and_nothing_more() =>
        Assert.Equal(
            """
            <?xml version="1.0" encoding="utf-8"?>
            <Health xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
              <GoalStateIncarnation>7</GoalStateIncarnation>
              <Container>
                <ContainerId>0b3d6f1a</ContainerId>
                <RoleInstanceList>
                  <Role>
                    <InstanceId>6f0e1d2c3b4a.heron</InstanceId>
                    <Health><State>Ready</State></Health>
                  </Role>
                </RoleInstanceList>
              </Container>
            </Health>
            """,
            Encoding.UTF8.GetString(HealthReport.Ready.ToXml(s_goal)));

    [Theory]
    [InlineData("result=error|reason=no user")]
    [InlineData("a < b && c > \"d\" 'e' ]]> é ☃ \U0001F600")]
    [InlineData("line\r\nline\ttab\rend")]
    public void A_reason_comes_out_of_the_XML_and_the_JSON_as_it_went_in(string reason)
    {
        HealthReport report = HealthReport.Failed(reason);
        XElement health = XDocument.Parse(Encoding.UTF8.GetString(report.ToXml(s_goal))).Root!;
        XElement inner = health.Element("Container")!.Element("RoleInstanceList")!.Element("Role")!.Element("Health")!;
        Assert.Equal("NotReady", inner.Element("State")!.Value);
        Assert.Equal("ProvisioningFailed", inner.Element("Details")!.Element("SubStatus")!.Value);
        Assert.Equal(reason, inner.Element("Details")!.Element("Description")!.Value);

        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal("NotReady", json.RootElement.GetProperty("state").GetString());
        Assert.Equal("ProvisioningFailed", json.RootElement.GetProperty("details").GetProperty("subStatus").GetString());
        Assert.Equal(reason, json.RootElement.GetProperty("details").GetProperty("description").GetString());
    }

    [Fact]
    public void Ready_in_JSON_is_the_state_alone() =>
        Assert.Equal("""{"state":"Ready"}""", Encoding.UTF8.GetString(HealthReport.Ready.ToJson()));

    [Theory]
    [InlineData("a\0b\x01\x1b[31mc\x7f", "ab[31mc\x7f")]
    [InlineData("\uFFFE\uFFFF\uFFFD", "\uFFFD")]
    public void Characters_that_XML_forbids_are_dropped(string reason, string kept) =>
        Assert.Equal(kept, HealthReport.Failed(reason).Problem);

    // Not as InlineData: half a surrogate pair does not survive the test runner's own UTF-8.
    [Fact]
    public void Half_surrogate_pairs_are_dropped() =>
        Assert.Equal("ab", HealthReport.Failed("a" + (char)0xD800 + "b" + (char)0xDC00).Problem);

    [Theory]
    [InlineData("x", 4096)]
    [InlineData("&", 819)]              // 5 bytes each
    [InlineData("\r", 819)]             // 5 bytes each, as &#13;
    [InlineData("<", 1024)]
    [InlineData("é", 2048)]
    [InlineData("☃", 1365)]
    [InlineData("\U0001F600", 1024)]
    public void A_long_reason_is_cut_between_characters_to_4096_bytes_as_it_is_sent(string character, int count)
    {
        string reason = new StringBuilder().Insert(0, character, 5000).ToString();
        HealthReport report = HealthReport.Failed(reason);
        Assert.Equal(count * character.Length, report.Problem!.Length);

        string xml = Encoding.UTF8.GetString(report.ToXml(s_goal));
        int start = xml.IndexOf("<Description>", StringComparison.Ordinal) + "<Description>".Length;
        string sent = xml[start..xml.IndexOf("</Description>", StringComparison.Ordinal)];
        Assert.InRange(Encoding.UTF8.GetByteCount(sent), 4096 - 5, 4096);
    }

    [Fact]
    public void What_the_server_named_cannot_break_the_report()
    {
        var goal = new GoalState("1</GoalStateIncarnation>", "<c>", "a&b");
        XElement health = XDocument.Parse(Encoding.UTF8.GetString(HealthReport.Ready.ToXml(goal))).Root!;
        Assert.Equal("1</GoalStateIncarnation>", health.Element("GoalStateIncarnation")!.Value);
        Assert.Equal("<c>", health.Element("Container")!.Element("ContainerId")!.Value);
    }
}
