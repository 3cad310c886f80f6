namespace Azprovision.Io;

/// <summary>A file that must not be there.</summary>
internal sealed record RemoveFile(string Path) : Change(Path, "remove");
