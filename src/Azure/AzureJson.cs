using System.Text.Json.Serialization;

namespace Azprovision.Azure;

/// <summary>The generated readers and writers of the JSON that the platform speaks.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 32,
    Converters = [typeof(TextOrFlag)])]
[JsonSerializable(typeof(HealthDocument))]
[JsonSerializable(typeof(ImdsDocument))]
internal sealed partial class AzureJson : JsonSerializerContext;
