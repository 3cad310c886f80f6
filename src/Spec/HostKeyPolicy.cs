namespace Azprovision.Spec;

/// <summary>What becomes of the keys by which sshd is known.</summary>
internal enum HostKeyPolicy
{
    /// <summary>Where sshd has none, they are made.</summary>
    Auto,

    /// <summary>Whatever is there, or is not, is the image's business.</summary>
    Keep,

    /// <summary>Those of the image are known to everybody who has it: they are removed and made anew.</summary>
    Generate,
}
