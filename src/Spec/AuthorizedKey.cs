namespace Azprovision.Spec;

/// <summary>A key and the file it belongs in; null: the user's file as sshd is set up.</summary>
internal sealed record AuthorizedKey(SshPublicKey Key, string? Path);
