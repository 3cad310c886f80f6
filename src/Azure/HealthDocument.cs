namespace Azprovision.Azure;

/// <summary>The JSON form of a health report.</summary>
internal sealed record HealthDocument(string State, HealthDetails? Details);
