namespace Azprovision.Spec;

/// <summary>--sudo: whether the user may become root, and whether the password must be given for it.</summary>
internal enum SudoMode
{
    /// <summary>A user with a password must give it, one without need not.</summary>
    Auto,
    NoPassword,
    Password,
    None,
}
