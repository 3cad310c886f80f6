using System;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Azprovision.Azure;

/// <summary>Primitive values of IMDS are strings by its documentation; a boolean or a number is taken for its text.</summary>
internal sealed class TextOrFlag : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.True:
                return "true";
            case JsonTokenType.False:
                return "false";
            case JsonTokenType.Number:
                return "";
            default:
                throw new JsonException();
        }
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}
