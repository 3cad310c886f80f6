using System;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Rehearsal;

/// <summary>How provisioning went, as some program in the guest told the platform.</summary>
/// <param name="State">Ready or NotReady</param>
/// <param name="Status">of what is not ready: whether it failed, or is being worked on</param>
/// <param name="Reason">why it is not</param>
internal sealed record Report(string State, string Status, string Reason, string Agent)
{
    private const string LinuxAgent = "WALinuxAgent";

    internal bool IsReady => State == "Ready";

    internal bool IsFinal => IsReady || Status != "Provisioning";

    /// <summary>Null: the request is no such report.</summary>
    internal static Report? Of(ReceivedRequest request)
    {
        try
        {
            if (request.Method == "POST" && request.Target.Contains("comp=health", StringComparison.Ordinal))
            {
                XDocument document = XDocument.Parse(request.Text);
                return new Report(Text(document, "State"), Text(document, "SubStatus"), Text(document, "Description"), AgentOf(request));
            }

            if (request.Method == "POST" && request.Target.StartsWith("/provisioning/health", StringComparison.Ordinal))
            {
                JsonNode? document = JsonNode.Parse(request.Body);
                return new Report(
                    $"{document?["state"]}", $"{document?["details"]?["subStatus"]}", $"{document?["details"]?["description"]}",
                    AgentOf(request));
            }
        }
        catch (Exception e) when (e is XmlException or JsonException or InvalidOperationException)
        {
            return new Report("unreadable", "", e.Message, AgentOf(request));
        }

        return null;
    }

    /// <summary>The Azure Linux Agent, which may be there beside whoever provisions, and goes on talking.</summary>
    internal static bool IsOfLinuxAgent(ReceivedRequest request) => AgentOf(request).StartsWith(LinuxAgent, StringComparison.Ordinal);

    internal static string AgentOf(ReceivedRequest request) =>
        request.Headers.TryGetValue("User-Agent", out string? agent) || request.Headers.TryGetValue("x-ms-agent-name", out agent)
            ? agent
            : "an unknown program";

    /// <summary>What was asked for, in a word or two.</summary>
    internal static string Describe(ReceivedRequest request) => Of(request) is { } report
        ? report.State
        : request.Target switch
        {
            var target when target.Contains("comp=versions", StringComparison.Ordinal) => "versions",
            var target when target.Contains("comp=goalstate", StringComparison.Ordinal) => "goal state",
            var target when target.Contains("comp=roleProperties", StringComparison.Ordinal) => "host key",
            var target when target.StartsWith("/metadata/", StringComparison.Ordinal) => "IMDS",
            _ => request.Line,
        };

    private static string Text(XDocument document, string name) =>
        document.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value ?? "";
}
