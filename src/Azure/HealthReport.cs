using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Azprovision.Azure;

/// <summary>The one thing that the platform is told about this machine.</summary>
/// <param name="Problem">null when it is ready; otherwise why it could not be provisioned</param>
internal sealed record HealthReport(string? Problem)
{
    // The platform's limit for the description; a longer one can make it refuse the whole report.
    private const int MaxDescription = 4096;

    internal static HealthReport Ready { get; } = new((string?)null);

    internal static HealthReport Failed(string problem) => new(XmlText.Cut(problem, MaxDescription));

    /// <summary>The body of a POST to comp=health.</summary>
    internal byte[] ToXml(GoalState goal)
    {
        string state = Problem is null
            ? "<State>Ready</State>"
            : "<State>NotReady</State><Details><SubStatus>ProvisioningFailed</SubStatus>"
                + $"<Description>{XmlText.Escape(Problem)}</Description></Details>";
        return Encoding.UTF8.GetBytes($"""
            <?xml version="1.0" encoding="utf-8"?>
            <Health xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
              <GoalStateIncarnation>{XmlText.Escape(goal.Incarnation)}</GoalStateIncarnation>
              <Container>
                <ContainerId>{XmlText.Escape(goal.ContainerId)}</ContainerId>
                <RoleInstanceList>
                  <Role>
                    <InstanceId>{XmlText.Escape(goal.InstanceId)}</InstanceId>
                    <Health>{state}</Health>
                  </Role>
                </RoleInstanceList>
              </Container>
            </Health>
            """);
    }

    /// <summary>The body of a POST to /provisioning/health.</summary>
    internal byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("state", Problem is null ? "Ready" : "NotReady");
            if (Problem is not null)
            {
                json.WriteStartObject("details");
                json.WriteString("subStatus", "ProvisioningFailed");
                json.WriteString("description", Problem);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
