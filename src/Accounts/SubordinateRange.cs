namespace Azprovision.Accounts;

/// <summary>SUB_UID_MIN, _MAX and _COUNT (or SUB_GID_...) of login.defs(5): where a user's range lies and how long it is.</summary>
internal readonly record struct SubordinateRange(uint Min, uint Max, uint Count);
