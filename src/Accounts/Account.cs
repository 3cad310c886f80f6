namespace Azprovision.Accounts;

/// <summary>The account as it will be once the plan is carried out; the other steps for the user work on this.</summary>
/// <param name="HasPassword">there is a password that the user can type</param>
internal sealed record Account(string Name, uint Uid, uint Gid, string Home, string Shell, bool IsNew, bool HasPassword);
