using System.Collections.Generic;
using System.IO;
using Azprovision.Run;

namespace Azprovision.Media;

/// <summary>
/// One volume descriptor sequence, which says where the partitions and the root directory are. Each anchor names a main
/// and a reserve one (ECMA-167 3/8.4, UDF 2.2).
/// </summary>
internal sealed class UdfVolume
{
    private const int MaxDescriptors = 256;
    private const int MaxSequences = 8;
    private const int MaxVolumes = 8;

    private readonly Disc _disc;
    private readonly int _sectorSize;
    private readonly uint _length;
    private readonly uint _sector;
    private readonly Dictionary<ushort, byte[]> _partitions = [];
    private byte[]? _logicalVolume;

    private UdfVolume(Disc disc, int sectorSize, uint length, uint sector)
    {
        _disc = disc;
        _sectorSize = sectorSize;
        _length = length;
        _sector = sector;
    }

    /// <summary>All sequences that anchors lead to. The sector size is written nowhere: it is right if an anchor is found.</summary>
    internal static List<UdfVolume> FindAll(Disc disc)
    {
        var volumes = new List<UdfVolume>();
        foreach (int size in (int[])[2048, 512, 4096, 1024])
        {
            long last = (disc.Length / size) - 1;
            foreach (long sector in (long[])[256, last - 256, last, 512])
            {
                if (!disc.Holds(sector * size, size) || sector > uint.MaxValue || volumes.Count == MaxVolumes)
                {
                    continue;
                }

                byte[] anchor = disc.Read(sector * size, size, "UDF: an anchor");
                if (UdfTag.KindOf(anchor) != UdfTag.Anchor || !UdfTag.IsValid(anchor, (uint)sector))
                {
                    continue;
                }

                var reader = new ByteReader(anchor, "UDF: an anchor");
                reader.Seek(UdfTag.Size);
                volumes.Add(new UdfVolume(disc, size, reader.UInt32LittleEndian(), reader.UInt32LittleEndian()));
                volumes.Add(new UdfVolume(disc, size, reader.UInt32LittleEndian(), reader.UInt32LittleEndian()));
            }
        }

        return volumes;
    }

    /// <summary>Reads the sequence, and through it the address of the root directory.</summary>
    internal (UdfBlocks Blocks, UdfExtent Root) Load()
    {
        var blocks = new UdfBlocks(_disc, _sectorSize);
        ReadSequence(blocks);
        var reader = new ByteReader(
            _logicalVolume ?? throw new InvalidDataException("UDF: there is no logical volume descriptor"),
            "UDF: the logical volume descriptor");
        reader.Seek(212);
        uint blockSize = reader.UInt32LittleEndian();
        if (blockSize != _sectorSize)
        {
            throw new InvalidDataException($"UDF: logical blocks have {blockSize} bytes, sectors {_sectorSize}");
        }

        reader.Seek(264);
        uint length = reader.UInt32LittleEndian();
        uint count = reader.UInt32LittleEndian();
        reader.Seek(440);
        new UdfPartitionMaps(blocks, _partitions).Read(reader.Bytes(length), count);

        reader.Seek(248);
        UdfExtent fileSet = blocks.ReadLongDescriptor(ref reader);
        if (fileSet.Partition is not { } partition)
        {
            throw new InvalidDataException("UDF: there is no file set");
        }

        byte[] descriptor = blocks.ReadBlock(partition, fileSet.Block, "the file set descriptor");
        UdfTag.Check(descriptor, UdfTag.FileSet, fileSet.Block, "the file set descriptor");
        var set = new ByteReader(descriptor, "UDF: the file set descriptor");
        set.Seek(400);
        return (blocks, blocks.ReadLongDescriptor(ref set));
    }

    // Of several descriptors for the same thing the one with the highest sequence number holds (ECMA-167 3/8.4.3).
    private void ReadSequence(UdfBlocks blocks)
    {
        uint length = _length;
        uint start = _sector;
        int sequences = 0;
        int descriptors = 0;
        for (uint i = 0; i < length / (uint)_sectorSize; i++)
        {
            if (++descriptors > MaxDescriptors)
            {
                throw new InvalidDataException($"UDF: there are more than {MaxDescriptors} volume descriptors");
            }

            byte[] descriptor = blocks.ReadSector((long)start + i, "a volume descriptor");
            ushort kind = UdfTag.KindOf(descriptor);
            if (kind is 0 or UdfTag.Terminating)
            {
                return;   // 0: the rest was never recorded
            }

            if (!UdfTag.IsValid(descriptor, start + i))
            {
                throw new InvalidDataException($"UDF: the volume descriptor in sector {(long)start + i} has a damaged tag");
            }

            var reader = new ByteReader(descriptor, "UDF: a volume descriptor");
            reader.Seek(20);
            switch (kind)
            {
                case UdfTag.VolumePointer when sequences < MaxSequences:
                    length = reader.UInt32LittleEndian();
                    start = reader.UInt32LittleEndian();
                    i = uint.MaxValue;   // the loop goes on with its first
                    sequences++;
                    break;
                case UdfTag.LogicalVolume when _logicalVolume is null || Number(descriptor) > Number(_logicalVolume):
                    _logicalVolume = descriptor;
                    break;
                case UdfTag.Partition:
                    reader.Seek(22);
                    ushort number = reader.UInt16LittleEndian();
                    if (!_partitions.TryGetValue(number, out byte[]? old) || Number(descriptor) > Number(old))
                    {
                        _partitions[number] = descriptor;
                    }

                    break;
            }
        }
    }

    private static uint Number(byte[] descriptor)
    {
        var reader = new ByteReader(descriptor, "UDF: a volume descriptor");
        reader.Seek(UdfTag.Size);
        return reader.UInt32LittleEndian();
    }
}
