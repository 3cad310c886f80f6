namespace Azprovision.Io;

/// <summary>A whole file, replaced atomically.</summary>
/// <param name="Content">null only in a dry run that may not read the old content</param>
internal sealed record WriteFile(
    string Path, string Action, byte[]? Content, Ownership Ownership, string? NoLinksBelow) : Change(Path, Action);
