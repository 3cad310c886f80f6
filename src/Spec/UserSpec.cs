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
    IReadOnlyList<OvfKeyPair> KeyPairs);
