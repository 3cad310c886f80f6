namespace Azprovision.Azure;

/// <summary>Why a machine is not ready, in the JSON form of a health report.</summary>
internal sealed record HealthDetails(string SubStatus, string Description);
