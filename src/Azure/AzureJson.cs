using System.Text.Json.Serialization;

namespace Azprovision.Azure;

/// <summary>The generated readers of the JSON that the platform speaks.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    MaxDepth = 32,
    Converters = [typeof(TextOrFlag)])]
[JsonSerializable(typeof(ImdsDocument))]
internal sealed partial class AzureJson : JsonSerializerContext;
