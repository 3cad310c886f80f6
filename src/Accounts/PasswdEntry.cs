namespace Azprovision.Accounts;

/// <summary>The fields of a passwd(5) line that decide something here.</summary>
internal sealed record PasswdEntry(string Name, string Password, uint Uid, uint Gid, string Home, string Shell);
