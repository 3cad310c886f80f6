using System;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Media;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Media;

/// <summary>Partitions and allocation forms for which no program at hand writes files, and damage.</summary>
public class UdfPartitionTests
{
    private const int BlockSize = UdfEditor.BlockSize;
    private const int ContinuationKind = 3 << 30;

    private readonly UdfEditor _disc = new(DvdImages.Read("udf-102-2048"));

    [Fact]
    public void The_blocks_of_a_virtual_partition_of_revision_1_50_are_where_its_table_says()
    {
        int moved = _disc.NextBlock;
        int count = _disc.PartitionLength;
        _disc.AddMap("*UDF Virtual Partition", _ => { });
        _disc.MoveBlocks(block => count - 1 - block);
        byte[] end = new byte[36];
        Encoding.ASCII.GetBytes("*UDF Virtual Alloc Tbl").CopyTo(end, 1);
        byte[] table = [.. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes(moved + count - 1 - i)), .. end];
        _disc.AppendFile(0, table.Length, (table.Length, _disc.Append(table)));
        AssertReadable();
    }

    [Fact]
    public void The_table_of_revision_2_has_a_header_and_may_lie_before_run_out_blocks()
    {
        int moved = _disc.NextBlock;
        int count = _disc.PartitionLength;
        _disc.AddMap("*UDF Virtual Partition", _ => { });
        _disc.MoveBlocks(block => block ^ 1);
        byte[] header = new byte[152];
        header[0] = 152;
        byte[] table = [.. header, .. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes(moved + (i ^ 1)))];
        _disc.AppendFile(248, table.Length, (table.Length, _disc.Append(table)));
        _disc.Append(new byte[150 * BlockSize]);
        AssertReadable();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_blocks_of_a_metadata_partition_lie_in_its_file_or_the_mirror(bool isMainDamaged)
    {
        int moved = _disc.NextBlock;
        int half = _disc.PartitionLength / 2;
        int rest = _disc.PartitionLength - half;
        _disc.MoveBlocks(block => block < half ? rest + block : block - half);
        (int, int)[] extents = [(half * BlockSize, moved + rest), (rest * BlockSize, moved)];
        int main = _disc.AppendFile(250, _disc.PartitionLength * BlockSize, extents);
        int mirror = _disc.AppendFile(251, _disc.PartitionLength * BlockSize, extents);
        _disc.AddMap("*UDF Metadata Partition", map =>
        {
            UdfEditor.Write32(map, 40, main);
            UdfEditor.Write32(map, 44, mirror);
        });
        if (isMainDamaged)
        {
            _disc.Clear(_disc.PartitionStart + main, 1);
        }

        AssertReadable();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_spared_packet_is_read_where_the_table_says(bool isFirstTableDamaged)
    {
        var disc = new UdfEditor(DvdImages.Read("udf-sparable-150"));
        byte[] volume = disc.Sector(disc.SectorsOf(6)[0]);
        int packet = volume[440 + 40];
        int spare = disc.ToImage().Length / BlockSize;
        disc.Append([.. Enumerable.Range(0, packet).SelectMany(i => disc.Sector(disc.PartitionStart + i))]);
        disc.Clear(disc.PartitionStart, packet);
        int[] tables = [UdfEditor.Read32(volume, 440 + 48), UdfEditor.Read32(volume, 440 + 52)];
        foreach (int table in tables)
        {
            disc.Edit(table, t =>
            {
                UdfEditor.Write32(t, 56, 0);
                UdfEditor.Write32(t, 60, spare);
                UdfEditor.WriteTag(t, 0, table, BlockSize - 16);
            });
        }

        if (isFirstTableDamaged)
        {
            disc.Put(tables[0], [0xFF]);
        }

        AssertReadable(disc);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Descriptors_of_each_form_may_go_on_in_an_allocation_extent(int form)
    {
        MoveDescriptors(form);
        AssertReadable();
    }

    [Fact]
    public void An_allocation_extent_that_leads_to_itself_is_refused()
    {
        MoveDescriptors(0);
        int extent = _disc.NextBlock - 1;
        _disc.Edit(_disc.PartitionStart + extent, d =>
        {
            UdfEditor.Write32(d, 24, ContinuationKind | BlockSize);
            UdfEditor.Write32(d, 28, extent);
        });
        Assert.Equal("UDF: 'CustomData.bin' has more than 128 allocation extents", Refusal());
    }

    [Fact]
    public void A_piece_that_was_never_recorded_reads_as_zeros()
    {
        _disc.Edit(_disc.EntryOfLength(10070), d => UdfEditor.Write32(d, 176, UdfEditor.Read32(d, 176) | (1 << 30)));
        byte[] content = Open().TryReadFile("CustomData.bin", 1 << 20)!;
        Assert.Equal(10070, content.Length);
        Assert.Equal(0, content[0]);
        Assert.Equal(DvdImages.CustomData[^1000..], content[^1000..]);
    }

    [Fact]
    public void The_reserve_sequence_counts_when_the_main_one_is_damaged()
    {
        _disc.Put(_disc.SectorsOf(6)[0], [0xFF, 0xFF, 0xFF]);
        AssertReadable();
    }

    [Fact]
    public void An_anchor_at_the_end_counts_when_the_one_at_256_is_gone()
    {
        _disc.Clear(256, 1);
        AssertReadable();
    }

    [Fact]
    public void A_disc_without_anchors_is_damaged_UDF()
    {
        foreach (int sector in _disc.SectorsOf(2))
        {
            _disc.Clear(sector, 1);
        }

        Assert.Equal("UDF: no anchor volume descriptor pointer is where one should be", Refusal());
    }

    [Fact]
    public void Partitions_in_millions_of_pieces_are_refused() => Assert.Equal(
        "UDF: the partitions are in more than 131072 pieces",
        Assert.Throws<InvalidDataException>(
            () => UdfImage.TryOpen(new MemoryStream(UdfBomb.From(DvdImages.Read("udf-sparable-150"))))).Message);

    [Fact]
    public void A_volume_descriptor_pointer_that_leads_to_itself_is_not_followed_for_ever()
    {
        foreach (int sector in (int[])[_disc.SectorsOf(1)[0], _disc.SectorsOf(1)[1]])
        {
            _disc.Edit(sector, d =>
            {
                d[0] = 3;
                UdfEditor.Write32(d, 20, 4 * BlockSize);
                UdfEditor.Write32(d, 24, sector);
            });
        }

        AssertReadable();
    }

    [Fact]
    public void A_damaged_file_entry_is_refused_by_name()
    {
        int sector = _disc.EntryOfLength(10070);
        byte[] entry = _disc.Sector(sector);
        entry[57]++;
        _disc.Put(sector, entry);
        Assert.Equal("UDF: 'CustomData.bin' has a damaged file entry", Refusal());
    }

    // Takes the descriptors of CustomData.bin into an allocation extent descriptor, in another form.
    private void MoveDescriptors(int form)
    {
        int sector = _disc.EntryOfLength(10070);
        byte[] entry = _disc.Sector(sector);
        int stored = entry[34] & 7;
        int size = stored == 0 ? 8 : 16;
        int length = UdfEditor.Read32(entry, 172);
        byte[] extent = new byte[BlockSize];
        int at = 24;
        for (int i = 176; i < 176 + length; i += size)
        {
            int count = UdfEditor.Read32(entry, i);
            int block = UdfEditor.Read32(entry, i + 4);
            UdfEditor.Write32(extent, at, count);
            UdfEditor.Write32(extent, at + (form == 2 ? 12 : 4), block);
            if (form == 2)
            {
                UdfEditor.Write32(extent, at + 4, count);
                UdfEditor.Write32(extent, at + 8, count);
            }

            at += form switch { 0 => 8, 1 => 16, _ => 20 };
        }

        UdfEditor.Write32(extent, 20, at - 24);
        UdfEditor.WriteTag(extent, 258, _disc.NextBlock, BlockSize - 16);
        UdfSeals.Seal(extent);
        int added = _disc.Append(extent);
        _disc.Edit(sector, d =>
        {
            d[34] = (byte)((d[34] & ~7) | form);
            d.AsSpan(176, 40).Clear();
            UdfEditor.Write32(d, 172, form switch { 0 => 8, 1 => 16, _ => 20 });
            UdfEditor.Write32(d, 176, ContinuationKind | BlockSize);
            UdfEditor.Write32(d, 176 + (form == 2 ? 12 : 4), added);
        });
    }

    private UdfImage Open() => UdfImage.TryOpen(new MemoryStream(_disc.ToImage()))!;

    private string Refusal() =>
        Assert.Throws<InvalidDataException>(() => Open().TryReadFile("CustomData.bin", 1 << 20)).Message;

    private void AssertReadable() => AssertReadable(_disc);

    private static void AssertReadable(UdfEditor disc)
    {
        UdfImage image = UdfImage.TryOpen(new MemoryStream(disc.ToImage()))!;
        Assert.Equal(DvdImages.CustomData, image.TryReadFile("CustomData.bin", 1 << 20));
        Assert.Equal("wide\n"u8.ToArray(), image.TryReadFile("ключ-名.txt", 100));
    }
}
