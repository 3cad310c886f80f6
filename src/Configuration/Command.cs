namespace Azprovision.Configuration;

internal enum Command
{
    Provision,

    /// <summary>Look for what an image or a machine lacks, and change nothing.</summary>
    Check,

    /// <summary>Make an image of a machine again.</summary>
    Clean,

    /// <summary>Tell what became of this root, and change nothing.</summary>
    Status,
}
