using System;
using System.Collections.Generic;
using System.Text;
using Azprovision.Run;

namespace Azprovision.Azure;

/// <summary>
/// The one-line report that the portal and the host show: "name=value" fields in the form of cloud-init, so that who reads
/// those reads these.
/// </summary>
internal static class ProvisioningReport
{
    private const string Documentation = "https://aka.ms/linuxprovisioningerror";

    /// <summary>That a machine was provisioned; only the host is told in these words.</summary>
    internal static string Success(string agent, string? vmId, DateTimeOffset now) =>
        Join(["result=success", $"agent={agent}", $"timestamp={Timestamp(now)}", $"vm_id={vmId ?? "None"}"]);

    /// <summary>Why a machine could not be provisioned.</summary>
    /// <param name="supporting">"name=value", in the order in which they are shown</param>
    internal static string Failure(
        string reason, string agent, IReadOnlyList<string> supporting, string? vmId, DateTimeOffset now) =>
        Join([
            "result=error",
            $"reason={reason}",
            $"agent={agent}",
            .. supporting,
            $"vm_id={vmId ?? "None"}",
            $"timestamp={Timestamp(now)}",
            $"documentation_url={Documentation}",
        ]);

    /// <summary>Joins by "|"; a field with a delimiter, a quote or a line break is quoted by ', quotes in it doubled.</summary>
    internal static string Join(IReadOnlyList<string> fields)
    {
        var report = new StringBuilder();
        foreach (string field in fields)
        {
            if (report.Length > 0)
            {
                report.Append('|');
            }

            report.Append(field.AsSpan().IndexOfAny("|'\r\n") < 0
                ? field
                : $"'{field.Replace("'", "''", StringComparison.Ordinal)}'");
        }

        return report.ToString();
    }

    // ISO 8601 with microseconds.
    private static string Timestamp(DateTimeOffset now)
    {
        long micros = now.UtcTicks / TimeSpan.TicksPerMicrosecond % 1_000_000;
        return $"{UtcTime.Of(now)}.{micros:D6}+00:00";
    }
}
