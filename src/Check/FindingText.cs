using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Azprovision.Check;

/// <summary>Findings as a table, a line each, and as JSON.</summary>
internal static class FindingText
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

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

    internal static byte[] Json(IReadOnlyList<Finding> findings)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
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
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static string NameOf(Severity severity) => severity switch
    {
        Severity.Note => "note",
        Severity.Warning => "warning",
        Severity.Error => "error",
    };
}
