namespace Azprovision.Io;

/// <summary>A symbolic link where nothing is yet.</summary>
internal sealed record MakeLink(string Path, string Target, Ownership Ownership, string? NoLinksBelow)
    : Change(Path, "create");
