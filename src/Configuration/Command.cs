namespace Azprovision.Configuration;

internal enum Command
{
    Provision,

    /// <summary>Tell what became of this root, and change nothing.</summary>
    Status,
}
