using System.Collections.Generic;

namespace Azprovision.Spec;

/// <summary>The account to be made or completed.</summary>
/// <param name="Password">null: none was given, so none may be used</param>
/// <param name="KeepsPassword">the source was a copy with the password taken out: leave what is there</param>
internal sealed record UserSpec(
    UserName Name,
    Secret? Password,
    bool KeepsPassword,
    IReadOnlyList<AuthorizedKey> Keys,
    IReadOnlyList<UserKeyPair> KeyPairs)
{
    /// <summary>What the account was when it was made; null: this is the first time.</summary>
    internal RecordedAccount? Recorded { get; init; }
}

/// <summary>Ids and the password field of shadow(5) that an account shall have again.</summary>
/// <param name="Group">the name of the group that had this id</param>
/// <param name="PasswordHash">null: there was none, not even an empty one</param>
internal sealed record RecordedAccount(uint Uid, uint Gid, string Group, Secret? PasswordHash);

/// <summary>A key pair to be put into the user's home.</summary>
/// <param name="Certificate">what it is known by, with the private key; null: nobody has it</param>
internal sealed record UserKeyPair(string? Fingerprint, string? Path, PlatformCertificate? Certificate);

/// <summary>The account as it will be once the plan is carried out; the other steps for the user work on this.</summary>
/// <param name="HasPassword">there is a password that the user can type</param>
internal sealed record Account(string Name, uint Uid, uint Gid, string Home, string Shell, bool IsNew, bool HasPassword)
{
    /// <summary>The name of the group with the id <see cref="Gid"/>; null: there is none.</summary>
    internal string? Group { get; init; }

    /// <summary>The password field of shadow(5).</summary>
    internal Secret? PasswordHash { get; init; }

    /// <summary>The names of the groups that the user is in.</summary>
    internal IReadOnlyList<string> Groups { get; init; } = [];
}

/// <summary>How the user becomes root (--sudo).</summary>
internal enum SudoPolicy
{
    /// <summary>A user with a password must give it, one without need not.</summary>
    Auto,
    NoPassword,
    Password,
    None,
}
