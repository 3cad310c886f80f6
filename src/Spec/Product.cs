namespace Azprovision.Spec;

/// <summary>The name and version that --version, the report and the HTTP headers give.</summary>
internal static class Product
{
    internal const string Name = "azprovision";
    internal const string Version = "0.1.0";
    internal const string NameAndVersion = $"{Name}/{Version}";
}
