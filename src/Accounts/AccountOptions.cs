using System.Collections.Generic;

namespace Azprovision.Accounts;

/// <summary>Which of the two steps "user" and "password" are to be done, and how.</summary>
/// <param name="Groups">supplementary groups by name</param>
/// <param name="IsDryRun">nothing is hashed, and a file that may not be read is only shown</param>
internal sealed record AccountOptions(
    bool MakesUser, bool SetsPassword, IReadOnlyList<string> Groups, bool IsDryRun);
