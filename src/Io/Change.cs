namespace Azprovision.Io;

/// <summary>One thing that a step will do to the system. The plan that --dry-run prints is a list of these.</summary>
/// <param name="Path">below the root; for a call its name, as in "sethostname(2)"</param>
/// <param name="Action">create, replace, append, remove or call</param>
internal abstract record Change(string Path, string Action);
