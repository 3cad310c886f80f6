namespace Azprovision.Media;

/// <summary>A piece of a file, whichever of the allocation descriptors told of it (ECMA-167 4/14.14).</summary>
/// <param name="Partition">where Block counts; null for a piece that is not recorded and reads as zeros</param>
internal readonly record struct UdfExtent(uint Length, uint Block, UdfPartition? Partition);

/// <summary>Blocks of a partition that lie one after the other on the disc.</summary>
internal readonly record struct UdfRun(uint Block, uint Count, long Sector);
