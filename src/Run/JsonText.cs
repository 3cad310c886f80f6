using System;
using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Azprovision.Run;

/// <summary>An object in JSON and the end of its line, for whoever reads standard output.</summary>
internal static class JsonText
{
    internal static byte[] Of(Action<Utf8JsonWriter> writeMembers, bool isIndented)
    {
        // A base64 key has "+" in it, which the default encoder would write as an escape.
        var options = new JsonWriterOptions { Indented = isIndented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            writeMembers(json);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }
}
