namespace Azprovision.Spec;

/// <summary>How the user becomes root (--sudo).</summary>
internal enum SudoPolicy
{
    /// <summary>A user with a password must give it, one without need not.</summary>
    Auto,
    NoPassword,
    Password,
    None,
}
