using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Azprovision.Disks;
using Azprovision.Run;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>What is on a resource disk, on images that the real programs have made. Only "Fresh" is ever formatted.</summary>
public class DiskInspectionTests
{
    private const long Small = 16 << 20;
    private const string Mbr = "label: dos\nstart=2048, type=7";
    private const string Gpt = "label: gpt\nstart=2048, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7";
    private const string GptWithReserved = """
        label: gpt
        start=2048, size=2048, type=E3C9E316-0B5C-4DB8-817D-F92DF00215AE
        type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7
        """;

    private const string PlatformFiles = """
        echo 'this is temporary' >DATALOSS_WARNING_README.txt
        mkdir 'System Volume Information'
        echo 1 >'System Volume Information/WPSettings.dat'
        """;

    [Theory]
    [InlineData(Mbr, "")]
    [InlineData(Mbr, PlatformFiles)]
    [InlineData(Mbr, "echo x >dataloss_warning_readme.TXT")]
    [InlineData(Mbr, "echo x >gone; rm gone")]
    [InlineData(Gpt, PlatformFiles)]
    [InlineData(GptWithReserved, PlatformFiles)]
    public void What_the_platform_delivers_is_fresh(string table, string script)
    {
        using var image = DiskImage.Fresh(Small, table);
        image.Fill(script);
        Assert.Equal(DiskContents.Fresh, Inspect(image));
    }

    [Theory]
    [InlineData("echo x >file", "'file'")]
    [InlineData("mkdir directory", "'directory'")]
    [InlineData("head -c 3000000 /dev/zero >'dataloss_warning_readme.txt'", "'dataloss_warning_readme.txt'")]
    [InlineData("echo x >'System Volume Information'", "'System Volume Information'")]
    [InlineData("mkdir 'System Volume Information'; echo x >'System Volume Information/file'", "'file'")]
    [InlineData("mkdir 'System Volume Information'; mkdir 'System Volume Information/tracking.log'; echo x >'System Volume Information/tracking.log/file'", "'file'")]
    [InlineData("mkdir -p a/b/c; echo x >a/b/c/file; mv a 'System Volume Information'", "'b'")]
    [InlineData("echo x >DATALOSS_WARNING_README.txt; echo y >DATALOSS_WARNING_README.txt:stream", "'DATALOSS_WARNING_README.txt:stream'")]
    [InlineData("mkdir 'System Volume Information'; echo y >'System Volume Information:stream'", "'System Volume Information:stream'")]
    [InlineData("echo x >DATALOSS_WARNING_README.txt; ln DATALOSS_WARNING_README.txt file", "file 64")]
    [InlineData("mkdir '$RECYCLE.BIN'", "'$RECYCLE.BIN'")]
    [InlineData("mkdir '$TxfLog'; echo x >'$TxfLog/$Tops'", "'$TxfLog'")]
    public void One_file_of_somebody_s_is_found_wherever_it_hides(string script, string name)
    {
        using var image = DiskImage.Fresh(Small);
        image.Fill(script);
        Assert.Contains(name, Refusal(image));
    }

    [Theory]
    [InlineData("label: dos\nstart=2048, size=16384, type=7\ntype=83", "2 partition")]
    [InlineData("label: dos\nstart=2048, type=83", "1 partition")]
    [InlineData("label: gpt\nstart=2048, size=16384, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7\ntype=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", "2 partition")]
    [InlineData("label: gpt\nstart=2048, type=L", "1 partition")]
    [InlineData("label: dos", "0 partition")]
    [InlineData("label: gpt", "0 partition")]
    [InlineData("label: dos\nstart=2048, type=7", "no NTFS")]
    public void Other_tables_are_refused(string table, string problem)
    {
        using var image = new DiskImage(Small);
        image.Partition(table);
        Assert.Contains(problem, Refusal(image));
    }

    [Fact]
    public void A_partition_that_was_taken_out_of_the_table_leaves_room_and_is_noticed()
    {
        using var image = DiskImage.Fresh(300 << 20, "label: dos\nstart=2048, size=100000, type=7");
        Assert.Contains("covers", Refusal(image));
    }

    [Fact]
    public void Data_in_the_reserved_partition_are_noticed()
    {
        using var image = DiskImage.Fresh(Small, GptWithReserved);
        Overwrite(image, (1 << 20) + 4711, [1]);
        Assert.Contains("data outside", Refusal(image));
    }

    [Fact]
    public void A_dirty_volume_may_have_more_in_its_journal()
    {
        using var image = DiskImage.Fresh(Small);
        byte[] disk = File.ReadAllBytes(image.Path);
        int flags = VolumeFlags(disk);
        Assert.Equal(0, disk[flags]);
        Overwrite(image, flags, [1]);
        Assert.Contains("'$Volume'", Refusal(image));
    }

    [Fact]
    public void A_volume_that_lacks_one_of_its_system_files_is_refused()
    {
        const int ClusterSize = 4096;   // mkntfs's usual one
        const int RecordSize = 1024;
        using var image = DiskImage.Fresh(Small);
        byte[] disk = File.ReadAllBytes(image.Path);
        long start = image.Partitions()[0].Start;
        NtfsRecord table = new NtfsVolume(new Disc(new MemoryStream(disk)), start, disk.Length - start).ReadRecord(0)!;
        int PlaceOf(uint type) => (int)(start + table.Find(type)!.Runs!.Locate(0, ClusterSize).Offset);
        int records = PlaceOf(NtfsAttribute.Data);
        int marks = PlaceOf(NtfsAttribute.Bitmap);
        for (int i = 1; i < 12; i++)
        {
            byte[] damaged = [.. disk];
            damaged.AsSpan(records + (i * RecordSize), "FILE".Length).Clear();
            damaged[marks + (i / 8)] &= (byte)~(1 << (i % 8));
            Overwrite(image, 0, damaged);
            Assert.Contains($"(file {i}) is not there", Refusal(image));
        }
    }

    [Theory]
    [InlineData("mkfs.ext4", "-q", "-F")]
    [InlineData("mkfs.xfs", "-q", "-f")]
    [InlineData("mkfs.btrfs", "-q", "-f")]
    public void Other_file_systems_are_refused_in_a_partition_and_without_one(params string[] command)
    {
        using var image = new DiskImage(512 << 20);
        image.Format((0, 512 << 20), command);
        Assert.Contains("no partition table", Refusal(image, mayBeBlank: true));
        image.Partition(Mbr);
        image.Format(image.Partitions()[0], command);
        Assert.Contains("no NTFS", Refusal(image));
    }

    [Fact]
    public void A_blank_disk_is_fresh_where_the_platform_delivers_blank_ones()
    {
        using var image = new DiskImage(512 << 20);
        Assert.Contains("no partition table", Refusal(image));
        Assert.Equal(DiskContents.Fresh, Inspect(image, mayBeBlank: true));
        foreach (long at in (long[])[0, 4096, 1 << 20, 256 << 20, (512 << 20) - 1])
        {
            Overwrite(image, at, [1]);
            Assert.Contains("no partition table", Refusal(image, mayBeBlank: true));
            Overwrite(image, at, [0]);
        }
    }

    [Fact]
    public void More_than_2_TiB_need_a_gpt_and_have_a_reserved_partition()
    {
        const long Large = 2_400_000_000_000;
        using var image = DiskImage.Fresh(Large, GptWithReserved.Replace("size=2048", "size=32768", StringComparison.Ordinal));
        image.Fill(PlatformFiles);
        Assert.Equal(DiskContents.Fresh, Inspect(image));
        image.Fill("echo x >file");
        Assert.Contains("'file'", Refusal(image));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(65536)]
    public void Cluster_sizes_make_no_difference(int clusterSize)
    {
        using var image = new DiskImage(64 << 20);
        image.Partition(Mbr);
        image.Format(image.Partitions()[0], "mkntfs", "-q", "-F", "-Q", "-c", $"{clusterSize}");
        image.Fill(PlatformFiles);
        Assert.Equal(DiskContents.Fresh, Inspect(image));
        image.Fill("echo x >file");
        Assert.Contains("'file'", Refusal(image));
    }

    /// <summary>Our own table, as sfdisk reads it and as we do.</summary>
    [Theory]
    [InlineData(Small)]
    [InlineData(2_400_000_000_000)]
    public void Our_table_is_one_that_others_read(long size)
    {
        using var image = new DiskImage(size);
        var ids = (Guid.Parse("11111111-2222-3333-4444-555555555555"), Guid.Parse("66666666-7777-8888-9999-aaaaaaaaaaaa"));
        foreach ((string name, DiskContents contents) in new[]
        {
            (DiskInspection.UnfinishedName, DiskContents.Unfinished), (DiskInspection.FinishedName, DiskContents.Ours),
        })
        {
            (byte[] head, byte[] tail) = Disks.Gpt.Make(size, 512, name, ids);
            Overwrite(image, 0, head);
            Overwrite(image, size - tail.Length, tail);
            Assert.Equal(contents, Inspect(image));
            Assert.Equal("", Tool.Try("sfdisk", "--verify", image.Path).Errors);
            string dump = Tool.Run("sfdisk", "-d", image.Path);
            Assert.Contains("label: gpt\nlabel-id: 11111111-2222-3333-4444-555555555555", dump);
            Assert.Contains("type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=66666666-7777-8888-9999-AAAAAAAAAAAA", dump);
            Assert.Contains($"name=\"{name}\"", dump);
            Partition partition = Disks.Gpt.PartitionOf(size, 512, name);
            Assert.Equal([(partition.Start, partition.Length)], image.Partitions());
        }
    }

    // Never formats data, 1: disks with and without somebody's files, made up by chance; what is expected follows from what
    // was put on them.
    [Fact]
    public void Disks_made_up_by_chance_are_fresh_only_without_files_of_somebody_s()
    {
        string[] platform =
        [
            "echo x >DATALOSS_WARNING_README.txt", "mkdir -p 'System Volume Information'",
            "mkdir -p 'System Volume Information'; echo x >'System Volume Information/IndexerVolumeGuid'", "echo x >gone; rm gone",
            "mkdir -p deep/er; echo x >deep/er/gone; rm -r deep",
        ];
        string[] somebody =
        [
            "echo x >DATALOSS_WARNING_README.txt.bak", "mkdir -p d/e; echo x >d/e/DATALOSS_WARNING_README.txt", "mkdir lost+found",
            "head -c 200000 /dev/urandom >data", "echo x >DATALOSS_WARNING_README.txt:s", ": >empty", "ln -s a b",
            "mkdir -p 'System Volume Information'; echo x >'System Volume Information/IndexerVolumeGuid.old'",
        ];
        var random = new Random(90125);
        int fresh = 0;
        for (int i = 0; i < 24; i++)
        {
            bool hasFiles = random.Next(2) == 0;
            List<string> script = [.. platform.Where(_ => random.Next(2) == 0)];
            if (hasFiles)
            {
                script.Insert(random.Next(script.Count + 1), somebody[random.Next(somebody.Length)]);
            }

            using var image = DiskImage.Fresh(Small, new[] { Mbr, Gpt, GptWithReserved }[random.Next(3)]);
            image.Fill(string.Join('\n', script));
            DiskContents? contents = TryInspect(image);
            Assert.True((contents == DiskContents.Fresh) == !hasFiles, string.Join('\n', script));
            fresh += hasFiles ? 0 : 1;
        }

        Assert.InRange(fresh, 6, 18);
    }

    // Never formats data, 2: with somebody's file on it, no damage to one place makes a disk look fresh.
    [Theory]
    [InlineData("echo x >file")]
    [InlineData("head -c 100000 /dev/urandom >file")]
    [InlineData("mkdir -p 'System Volume Information'; echo x >'System Volume Information/file'")]
    [InlineData("echo x >DATALOSS_WARNING_README.txt; head -c 9000 /dev/urandom >DATALOSS_WARNING_README.txt:stream")]
    public void Damage_makes_no_disk_look_fresh(string script)
    {
        using var image = DiskImage.Fresh(8 << 20);
        image.Fill(script);
        byte[] disk = File.ReadAllBytes(image.Path);
        // Where there is anything to damage.
        int[] sectors = [.. Enumerable.Range(0, disk.Length / 512).Where(i => disk.AsSpan(i * 512, 512).IndexOfAnyExcept((byte)0) >= 0)];
        var random = new Random(1984);
        foreach (int sector in sectors.Concat(Enumerable.Range(0, 3000).Select(_ => sectors[random.Next(Math.Min(700, sectors.Length))])))
        {
            Span<byte> place = disk.AsSpan(sector * 512, 512);
            byte[] before = place.ToArray();
            string damage = "zeros";
            switch (random.Next(4))
            {
                case 0:
                    place.Clear();
                    break;
                case 1:
                    random.NextBytes(place);
                    damage = "noise";
                    break;
                default:
                    int at = random.Next(512);
                    place[at] ^= (byte)(1 << random.Next(8));
                    damage = $"a bit of byte {at}";
                    break;
            }

            foreach (bool mayBeBlank in (bool[])[false, true])
            {
                DiskContents? contents = TryInspect(disk, mayBeBlank);
                Assert.True(contents is null, $"sector {sector}, {damage}: {contents}");
            }

            before.CopyTo(place);
        }
    }

    private static DiskContents Inspect(DiskImage image, bool mayBeBlank = false)
    {
        using FileStream file = File.OpenRead(image.Path);
        return DiskInspection.Inspect(new Disc(file), 512, mayBeBlank);
    }

    private static string Refusal(DiskImage image, bool mayBeBlank = false) =>
        Assert.Throws<InvalidDataException>(() => Inspect(image, mayBeBlank)).Message;

    private static DiskContents? TryInspect(DiskImage image) => TryInspect(File.ReadAllBytes(image.Path), mayBeBlank: false);

    /// <summary>Null: refused. Any other exception than the one for that fails the test.</summary>
    private static DiskContents? TryInspect(byte[] disk, bool mayBeBlank)
    {
        try
        {
            return DiskInspection.Inspect(new Disc(new MemoryStream(disk)), 512, mayBeBlank);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static void Overwrite(DiskImage image, long offset, byte[] bytes)
    {
        using FileStream file = File.OpenWrite(image.Path);
        file.Position = offset;
        file.Write(bytes);
    }

    // $VOLUME_INFORMATION has the version 3.1, then the flags.
    private static int VolumeFlags(byte[] disk)
    {
        int name = disk.AsSpan().IndexOf("T\0e\0m\0p\0o\0r\0a\0r\0y\0"u8);
        return name + disk.AsSpan(name).IndexOf((ReadOnlySpan<byte>)[3, 1, 0, 0]) + 2;
    }
}
