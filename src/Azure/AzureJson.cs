using System.Text.Json.Serialization;

namespace Azprovision.Azure;

/// <summary>The generated readers and writers of the JSON that the platform speaks.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthDocument))]
internal sealed partial class AzureJson : JsonSerializerContext;
