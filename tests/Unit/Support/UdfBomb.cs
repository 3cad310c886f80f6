using System;
using System.Text;

namespace Azprovision.Tests.Unit.Support;

/// <summary>
/// A disc of a few megabytes whose partitions are in 30 million pieces: a sparing table cuts one in 130,000, and the
/// metadata file consists of the whole of it 234 times.
/// </summary>
internal static class UdfBomb
{
    private const int SparedBlocks = 65_000;
    private const int Extents = 234;   // that fit into a file entry

    /// <param name="sparable">an image with a sparable partition</param>
    internal static byte[] From(byte[] sparable)
    {
        var disc = new UdfEditor(sparable);
        byte[] table = new byte[56 + (SparedBlocks * 8)];
        int tableSector = disc.PartitionStart + disc.NextBlock;
        UdfEditor.WriteTag(table, 0, tableSector, 40);
        Encoding.ASCII.GetBytes("*UDF Sparing Table").CopyTo(table, 17);
        table[48] = SparedBlocks & 0xFF;
        table[49] = SparedBlocks >> 8;
        for (int i = 0; i < SparedBlocks; i++)
        {
            // Every second block is replaced by itself.
            UdfEditor.Write32(table, 56 + (i * 8), i * 2);
            UdfEditor.Write32(table, 60 + (i * 8), disc.PartitionStart + (i * 2));
        }

        UdfSeals.Seal(table);
        disc.Append(table);
        var extents = new (int, int)[Extents];
        Array.Fill(extents, (SparedBlocks * 2 * UdfEditor.BlockSize, 0));
        int file = disc.AppendFile(250, 0, extents);
        foreach (int sector in disc.SectorsOf(5))
        {
            disc.Edit(sector, d => UdfEditor.Write32(d, 192, SparedBlocks * 2));
        }

        foreach (int sector in disc.SectorsOf(6))
        {
            disc.Edit(sector, d =>
            {
                byte[] map = d[440..504];
                d[440 + 40] = 1;   // blocks in a packet
                d[440 + 41] = 0;
                d[440 + 42] = 1;   // table
                UdfEditor.Write32(d, 440 + 44, table.Length);
                UdfEditor.Write32(d, 440 + 48, tableSector);
                map.AsSpan(5, 23).Clear();
                Encoding.ASCII.GetBytes("*UDF Metadata Partition").CopyTo(map, 5);
                UdfEditor.Write32(map, 40, file);
                UdfEditor.Write32(map, 44, -1);   // no mirror
                map.CopyTo(d, 504);
                UdfEditor.Write32(d, 264, 128);
                UdfEditor.Write32(d, 268, 2);
                d[10] = (568 - 16) & 0xFF;
                d[11] = (568 - 16) >> 8;
            });
        }

        return disc.ToImage();
    }
}
