using System;
using System.Collections.Generic;
using System.Text;
using Azprovision.Run;

namespace Azprovision.Check;

/// <summary>Findings as a table, a line each, and as JSON.</summary>
internal static class FindingText
{
    internal static byte[] Table(IReadOnlyList<Finding> findings)
    {
        int width = 0;
        foreach (Finding finding in findings)
        {
            width = Math.Max(width, finding.Subject.Length);
        }

        var text = new StringBuilder();
        foreach (Finding finding in findings)
        {
            text.Append($"{NameOf(finding.Severity),-7}  {finding.Subject.PadRight(width)}  ");
            foreach (char c in finding.ToDo.Length > 0 ? $"{finding.What}; to do: {finding.ToDo}" : finding.What)
            {
                text.Append(char.IsControl(c) ? '?' : c);   // names of files may be anything
            }

            text.Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    internal static byte[] Json(IReadOnlyList<Finding> findings) => JsonText.Of(
        json =>
        {
            json.WriteStartArray("findings");
            foreach (Finding finding in findings)
            {
                json.WriteStartObject();
                json.WriteString("severity", NameOf(finding.Severity));
                json.WriteString("subject", finding.Subject);
                json.WriteString("what", finding.What);
                json.WriteString("toDo", finding.ToDo);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        },
        isIndented: true);

    private static string NameOf(Severity severity) => severity switch
    {
        Severity.Note => "note",
        Severity.Warning => "warning",
        Severity.Error => "error",
    };
}
