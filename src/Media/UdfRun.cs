namespace Azprovision.Media;

/// <summary>Blocks of a partition that lie one after the other on the disc.</summary>
internal readonly record struct UdfRun(uint Block, uint Count, long Sector);
