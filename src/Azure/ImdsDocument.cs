using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Azprovision.Azure;

/// <summary>
/// The members of /metadata/instance that are read. Each may be missing: the api-version decides. (Plain classes with
/// setters: a constructor with parameters would link another converter.)
/// </summary>
internal sealed class ImdsDocument
{
    public ComputePart? Compute { get; set; }

    [JsonConverter(typeof(PartOrEmptyText<ExtendedPart>))]
    public ExtendedPart? Extended { get; set; }

    internal sealed class ComputePart
    {
        public string? VmId { get; set; }

        [JsonConverter(typeof(PartOrEmptyText<OsProfilePart>))]
        public OsProfilePart? OsProfile { get; set; }

        [JsonConverter(typeof(PartOrEmptyText<List<PublicKeyPart?>>))]
        public List<PublicKeyPart?>? PublicKeys { get; set; }

        public string? UserData { get; set; }
    }

    internal sealed class OsProfilePart
    {
        public string? AdminUsername { get; set; }

        public string? ComputerName { get; set; }

        public string? DisablePasswordAuthentication { get; set; }
    }

    internal sealed class PublicKeyPart
    {
        public string? KeyData { get; set; }
    }

    internal sealed class ExtendedPart
    {
        [JsonConverter(typeof(PartOrEmptyText<ExtendedComputePart>))]
        public ExtendedComputePart? Compute { get; set; }
    }

    internal sealed class ExtendedComputePart
    {
        public string? HasCustomData { get; set; }

        public string? PpsType { get; set; }
    }
}

/// <summary>
/// Primitive values of IMDS are strings by its documentation. A boolean is taken for its text; a number, which none of the
/// values read here can be, for one that was left out.
/// </summary>
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

/// <summary>Where there is nothing to say IMDS may say "", also in the place of an object or a list.</summary>
internal sealed class PartOrEmptyText<T> : JsonConverter<T?>
    where T : class
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(""u8)
            ? null
            : ((JsonConverter<T>)options.GetTypeInfo(typeof(T)).Converter).Read(ref reader, typeof(T), options);

    public override void Write(Utf8JsonWriter writer, T? value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}
