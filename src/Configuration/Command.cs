namespace Azprovision.Configuration;

internal enum Command
{
    Provision,

    /// <summary>Look for what an image or a machine lacks, and change nothing.</summary>
    Check,

    /// <summary>Turn a machine back into an image.</summary>
    Clean,

    /// <summary>Tell what became of this root, and change nothing.</summary>
    Status,
}
