namespace Azprovision.Spec;

/// <summary>How the platform parked this VM before a customer had it; the names are the platform's own.</summary>
internal enum PreprovisionedVmType
{
    None,
    Running,
    Savable,
    PreprovisionedOSDisk,
}
