using System;
using System.Collections.Generic;
using System.IO;

namespace Azprovision.Disks;

/// <summary>Where the clusters of a non-resident attribute lie: the mapping pairs of its header, decoded.</summary>
internal sealed class NtfsRuns
{
    private readonly List<Run> _runs = [];

    private NtfsRuns()
    {
    }

    /// <summary>Clusters that it really has, without the holes of a sparse file.</summary>
    internal long Allocated { get; private set; }

    /// <summary>
    /// Each pair begins with a byte that has the size of the length in its lower half and that of the distance from the run
    /// before in its upper one; no distance means a hole, and a zero byte is the end.
    /// </summary>
    /// <param name="clusters">of the whole volume: no run may lead out of it</param>
    internal static NtfsRuns Decode(ReadOnlySpan<byte> pairs, long clusters)
    {
        var decoded = new NtfsRuns();
        long vcn = 0;
        long lcn = 0;
        while (!pairs.IsEmpty && pairs[0] != 0)
        {
            int lengthSize = pairs[0] & 0xF;
            int offsetSize = pairs[0] >> 4;
            if (lengthSize is 0 or > 8 || offsetSize > 8 || 1 + lengthSize + offsetSize > pairs.Length)
            {
                throw new InvalidDataException("NTFS: a run is damaged");
            }

            long length = Signed(pairs.Slice(1, lengthSize));
            if (length <= 0 || length > clusters - vcn)
            {
                throw new InvalidDataException($"NTFS: a run of {length} clusters in a volume of {clusters}");
            }

            if (offsetSize > 0)
            {
                // Both are below 2^63, so their sum may wrap, but then it is negative.
                lcn = unchecked(lcn + Signed(pairs.Slice(1 + lengthSize, offsetSize)));
                if (lcn < 0 || lcn > clusters - length)
                {
                    throw new InvalidDataException($"NTFS: a run at cluster {lcn} in a volume of {clusters}");
                }

                decoded.Allocated += length;
            }

            decoded._runs.Add(new Run(vcn, length, offsetSize > 0 ? lcn : null));
            vcn += length;
            pairs = pairs[(1 + lengthSize + offsetSize)..];
        }

        return decoded;
    }

    /// <summary>The place on the volume of a byte of the attribute, and how many follow it there.</summary>
    internal (long Offset, long Count) Locate(long offset, int clusterSize)
    {
        foreach (Run run in _runs)
        {
            long into = offset - (run.Vcn * clusterSize);
            if (into >= 0 && into < run.Length * clusterSize && run.Lcn is { } lcn)
            {
                return ((lcn * clusterSize) + into, (run.Length * clusterSize) - into);
            }
        }

        throw new InvalidDataException($"NTFS: byte {offset} of a system file is nowhere");
    }

    private static long Signed(ReadOnlySpan<byte> littleEndian)
    {
        long value = (sbyte)littleEndian[^1];
        for (int i = littleEndian.Length - 2; i >= 0; i--)
        {
            value = (value << 8) | littleEndian[i];
        }

        return value;
    }

    private readonly record struct Run(long Vcn, long Length, long? Lcn);
}
