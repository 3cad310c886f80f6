using System.Collections.Generic;
using System.IO;

namespace Azprovision.Media;

/// <summary>
/// Where the blocks of a partition are. Plain, sparable, virtual and metadata partitions differ only in how their runs
/// came about.
/// </summary>
/// <param name="runs">in the order of their blocks, none overlapping</param>
internal sealed class UdfPartition(IReadOnlyList<UdfRun> runs)
{
    /// <summary>The sector of a block, and how many blocks follow each other from it on.</summary>
    internal (long Sector, uint Count) Find(uint block)
    {
        int low = 0;
        int high = runs.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            UdfRun run = runs[middle];
            if (block < run.Block)
            {
                high = middle - 1;
            }
            else if (block - run.Block < run.Count)
            {
                uint skipped = block - run.Block;
                return (run.Sector + skipped, run.Count - skipped);
            }
            else
            {
                low = middle + 1;
            }
        }

        throw new InvalidDataException($"UDF: block {block} is not in its partition");
    }
}
