using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Text.Json.Nodes;
using System.Threading;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Rehearsal;

/// <summary>Wire server and IMDS of one machine at Azure's addresses; notes what they are asked and told.</summary>
internal sealed class Azure : IDisposable
{
    private readonly StreamWriter _log;
    private readonly ScriptedServer _wireServer;
    private readonly ScriptedServer _metadata;
    private readonly List<ReceivedRequest> _received = [];
    private readonly ManualResetEventSlim _reported = new();

    internal Azure(string vmId, Ovf ovf, string macAddress, string log)
    {
        _log = new StreamWriter(log) { AutoFlush = true };
        _wireServer = AzurePlatform.Healthy(new ScriptedServer(IPEndPoint.Parse($"{Network.WireServer}:80"), Note));
        _wireServer.On("/machine?comp=roleProperties", Answer.Status(202));
        _metadata = new ScriptedServer(IPEndPoint.Parse($"{Network.Metadata}:80"), Note);
        _metadata.On("/metadata/instance?", Answer.Status(200, Instance(vmId, ovf, macAddress)));
    }

    internal IReadOnlyList<ReceivedRequest> Received
    {
        get
        {
            lock (_received)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>Waits for a report of how provisioning ended; false when there is none so soon.</summary>
    internal bool WaitForReport(TimeSpan time) => _reported.Wait(time);

    public void Dispose()
    {
        _wireServer.Dispose();
        _metadata.Dispose();
        _log.Dispose();
    }

    private void Note(ReceivedRequest request)
    {
        lock (_received)
        {
            _received.Add(request);
            _log.WriteLine(request.Body.Length == 0 ? request.Line : $"{request.Line}\n{request.Text.TrimEnd()}");
        }

        if (Report.Of(request) is { IsFinal: true })
        {
            _reported.Set();
        }
    }

    private static string Instance(string vmId, Ovf ovf, string macAddress) => new JsonObject
    {
        ["compute"] = new JsonObject
        {
            ["azEnvironment"] = "AzurePublicCloud",
            ["customData"] = "",
            ["location"] = "rehearsal",
            ["name"] = ovf.HostName,
            ["osProfile"] = new JsonObject
            {
                ["adminUsername"] = ovf.UserName,
                ["computerName"] = ovf.HostName,
                ["disablePasswordAuthentication"] = ovf.IsPasswordForSsh ? "false" : "true",
            },
            ["osType"] = "Linux",
            ["publicKeys"] = new JsonArray(),
            ["userData"] = "",
            ["vmId"] = vmId,
        },
        ["extended"] = new JsonObject
        {
            ["compute"] = new JsonObject { ["hasCustomData"] = ovf.CustomData is not null, ["ppsType"] = "None" },
        },
        ["network"] = new JsonObject
        {
            ["interface"] = new JsonArray(new JsonObject
            {
                ["ipv4"] = new JsonObject
                {
                    ["ipAddress"] = new JsonArray(new JsonObject { ["privateIpAddress"] = Network.Guest, ["publicIpAddress"] = "" }),
                    ["subnet"] = new JsonArray(new JsonObject { ["address"] = "10.0.0.0", ["prefix"] = "24" }),
                },
                ["macAddress"] = macAddress.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant(),
            }),
        },
    }.ToJsonString();
}
