namespace Azprovision.Io;

/// <summary>A directory that must be there with this owner and mode; made, or set right.</summary>
internal sealed record MakeDirectory(string Path, string Action, Ownership Ownership, string? NoLinksBelow)
    : Change(Path, Action);
