using System;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Media;
using Azprovision.Run;
using Azprovision.Spec;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Media;

public sealed class ProvisioningMediaTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();
    private readonly SystemRoot _root;
    private readonly Host _host;

    public ProvisioningMediaTests()
    {
        _root = SystemRoot.Open(_directory.FullName);
        _host = new Host(
            _root,
            _root,
            _directory.FullName,
            new Endpoint(0x7F000001, 80),
            TimeProvider.System,
            Deadline.After(TimeSpan.FromSeconds(10), TimeProvider.System),
            Deadline.After(TimeSpan.FromSeconds(10), TimeProvider.System),
            new Log(TimeProvider.System));
    }

    public void Dispose()
    {
        _root.Dispose();
        _directory.Delete(true);
    }

    public static TheoryData<string> Images => new(DvdImages.Names);

    [Theory]
    [MemberData(nameof(Images))]
    public void An_image_is_read_whatever_its_format(string name)
    {
        MediaContents contents = Read(Put("image", DvdImages.Read(name)));
        Assert.Equal("heron", contents.Ovf.HostName);
        Assert.Equal("#!/bin/sh\necho hello > /tmp/hi\n"u8, contents.Ovf.CustomData!.Reveal());
        Assert.Null(contents.Device);
    }

    [Theory]
    [InlineData("ovf-env.xml", "CustomData.bin")]
    [InlineData("OVF-ENV.XML", "customdata.bin")]
    public void A_directory_is_read_with_custom_data_beside_the_OVF(string ovf, string customData)
    {
        Put(ovf, OvfSamples.Bytes("key"));
        Put(customData, DvdImages.CustomData);
        MediaContents contents = Read(_directory.FullName);
        Assert.Equal("kestrel-01", contents.Ovf.HostName);
        Assert.Equal(DvdImages.CustomData, contents.Ovf.CustomData!.Reveal());
        Assert.Equal(_directory.FullName, contents.Source);
    }

    [Fact]
    public void Custom_data_of_the_OVF_come_before_those_beside_it()
    {
        Put("ovf-env.xml", OvfSamples.Bytes("password"));
        Put("CustomData.bin", DvdImages.CustomData);
        Assert.Equal("#!/bin/sh\necho hello > /tmp/hi\n"u8, Read(_directory.FullName).Ovf.CustomData!.Reveal());
    }

    [Fact]
    public void The_file_itself_is_read() =>
        Assert.Equal("heron", Read(Put("ovf-env.xml", OvfSamples.Bytes("password"))).Ovf.HostName);

    [Fact]
    public void Drives_are_searched_in_order_until_one_has_an_OVF()
    {
        Put("cdrom", Ovf("by-link"));
        Put("sr1", Ovf("second"));
        Put("sr0", DvdImages.Read("udf-vat-201-empty"));
        Put("hdc", Ovf("ide"));
        Put("vdb", Ovf("a disk"));
        MediaContents contents = Read(null);
        Assert.Equal("second", contents.Ovf.HostName);
        Assert.Equal(Path.Combine(_directory.FullName, "sr1"), contents.Source);
    }

    [Fact]
    public void A_drive_with_a_malformed_OVF_is_passed_over_for_a_good_one()
    {
        Put("sr0", "<Environment>"u8.ToArray());
        Put("cd0", Ovf("good"));
        Assert.Equal("good", Read(null).Ovf.HostName);
    }

    [Fact]
    public void The_first_malformed_OVF_is_told_when_there_is_no_good_one()
    {
        Put("sr0", new byte[100]);
        Put("sr1", "<Environment><ProvisioningSection/></Environment>"u8.ToArray());
        Put("sr2", "<Other>"u8.ToArray());
        Assert.Equal(
            "unexpected metadata parsing ovf-env.xml: missing configuration for 'LinuxProvisioningConfigurationSet'",
            Assert.Throws<InvalidDataException>(() => Read(null)).Message);
    }

    [Theory]
    [InlineData("<Environment/>")]
    [InlineData("<Other/>")]
    [InlineData("<Environment><ProvisioningSection xmlns='urn:another'/></Environment>")]
    [InlineData("""
        <Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:oe="http://schemas.dmtf.org/ovf/environment/1" oe:id="">
        <PlatformSection><Kind>VMware ESXi</Kind><Vendor>VMware, Inc.</Vendor></PlatformSection>
        <PropertySection><Property oe:key="hostname" oe:value="appliance"/></PropertySection>
        </Environment>
        """)]
    public void A_document_of_another_platform_is_none_unless_it_was_named(string document)
    {
        string path = Put("sr0", Encoding.UTF8.GetBytes(document));
        Assert.Contains("its ovf-env.xml is not Azure's, there is no ProvisioningSection in it", NoData(null));
        Assert.Equal(
            "unexpected metadata parsing ovf-env.xml: missing configuration for 'ProvisioningSection'",
            Assert.Throws<InvalidDataException>(() => Read(path)).Message);
        Put("sr1", Ovf("good"));
        Assert.Equal("good", Read(null).Ovf.HostName);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no XML")]
    public void What_was_named_must_be_a_disc_or_a_document(string content)
    {
        string path = Put("file", Encoding.UTF8.GetBytes(content));
        Assert.Equal(
            $"'{path}': neither UDF nor ISO 9660 nor XML",
            Assert.Throws<InvalidDataException>(() => Read(path)).Message);
    }

    [Fact]
    public void The_tree_of_ISO_9660_counts_when_the_UDF_on_the_same_disc_has_lost_its_anchors()
    {
        byte[] image = DvdImages.Read("genisoimage-udf");
        var disc = new UdfEditor(image);
        foreach (int sector in disc.SectorsOf(2))
        {
            disc.Clear(sector, 1);
        }

        Assert.Equal("heron", Read(Put("image", disc.ToImage())).Ovf.HostName);
    }

    [Fact]
    public void The_tree_of_ISO_9660_counts_when_the_UDF_on_the_same_disc_has_no_such_file()
    {
        byte[] image = DvdImages.Read("genisoimage-udf");
        byte[] name = [8, .. "ovf-env.xml"u8];
        int at = image.AsSpan().IndexOf(name);
        image[at + 1] = (byte)'x';
        int tag = at - 38;
        UdfSeals.Seal(image.AsSpan(tag));
        Assert.Null(UdfImage.TryOpen(new MemoryStream(image))!.TryReadFile("ovf-env.xml", 1 << 20));
        Assert.Equal("heron", Read(Put("image", image)).Ovf.HostName);
    }

    [Fact]
    public void The_error_of_the_first_reader_is_told_when_none_has_the_file()
    {
        Put("sr0", Damaged("genisoimage-udf"));
        Assert.Equal(
            "UDF: no anchor volume descriptor pointer is where one should be",
            Assert.Throws<InvalidDataException>(() => Read(null)).Message);
    }

    [Fact]
    public void A_damaged_disc_is_no_matter_of_ours_on_another_platform()
    {
        Put("sr0", Damaged("genisoimage-udf"));
        Assert.Contains(
            "sr0': UDF: no anchor",
            Assert.Throws<ProvisioningException>(() => ProvisioningMedia.Read(_host, null, TimeSpan.Zero, isElsewhere: true)).Message);
    }

    [Fact]
    public void On_another_platform_nothing_is_waited_for()
    {
        long start = TimeProvider.System.GetTimestamp();
        Assert.Throws<ProvisioningException>(
            () => ProvisioningMedia.Read(_host, null, TimeSpan.FromSeconds(5), isElsewhere: true));
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 1);
    }

    [Fact]
    public void A_drive_that_comes_late_is_waited_for_beside_one_with_another_disc()
    {
        Put("sr0", DvdImages.Read("udf-vat-201-empty"));
        Put("later", Ovf("late"));
        var late = new System.Threading.Thread(() =>
        {
            System.Threading.Thread.Sleep(700);
            File.Move(Path.Combine(_directory.FullName, "later"), Path.Combine(_directory.FullName, "sr1"));
        });
        late.Start();
        Assert.Equal("late", ProvisioningMedia.Read(_host, null, TimeSpan.FromSeconds(10)).Ovf.HostName);
        late.Join();
    }

    [Theory]
    [InlineData("empty", false)]
    [InlineData("zeros", false)]
    [InlineData("zeros", true)]
    [InlineData("damaged", false)]
    [InlineData("damaged", true)]
    public void A_disc_that_cannot_be_read_yet_is_looked_at_again_and_that_is_said_once(string first, bool isNamed)
    {
        string drive = Put("sr0", first switch
        {
            "empty" => [],
            "zeros" => new byte[2 << 20],
            _ => Damaged("genisoimage-udf"),
        });
        Put("later", Ovf("late"));
        using var log = new LogFile();
        var late = new System.Threading.Thread(() =>
        {
            System.Threading.Thread.Sleep(1500);
            File.Move(Path.Combine(_directory.FullName, "later"), drive, overwrite: true);
        });
        late.Start();
        MediaContents contents = ProvisioningMedia.Read(
            _host with { Log = log.Log }, isNamed ? drive : null, TimeSpan.FromSeconds(10));
        late.Join();
        Assert.Equal("late", contents.Ovf.HostName);
        Assert.Single(log.Lines, line => line.EndsWith("; looking again", StringComparison.Ordinal));
    }

    [Fact]
    public void No_drive_at_all_is_told() => Assert.Equal(
        $"no provisioning media: there is no CD or DVD device in '{_directory.FullName}'", NoData(null));

    [Fact]
    public void Every_drive_is_told_with_what_it_lacks()
    {
        string d = _directory.FullName;
        Put("sr0", DvdImages.Read("udf-vat-201-empty"));
        Put("sr1", new byte[100]);
        File.CreateSymbolicLink(Path.Combine(d, "sr2"), "nowhere");
        Assert.Equal(
            $"no provisioning media: '{d}/sr0': there is no ovf-env.xml on it; "
            + $"'{d}/sr1': neither UDF nor ISO 9660 nor XML; '{d}/sr2': open '{d}/sr2': No such file or directory",
            NoData(null));
    }

    [Fact]
    public void A_path_outside_the_devices_is_not_waited_for()
    {
        long start = TimeProvider.System.GetTimestamp();
        Assert.Contains(
            "No such file or directory",
            Assert.Throws<ProvisioningException>(
                () => ProvisioningMedia.Read(_host, "/no/such/file", TimeSpan.FromSeconds(5))).Message);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 1);
    }

    private MediaContents Read(string? path) => ProvisioningMedia.Read(_host, path, TimeSpan.Zero);

    private string NoData(string? path)
    {
        ProvisioningException e = Assert.Throws<ProvisioningException>(() => Read(path));
        Assert.Equal(Failure.NoData, e.Failure);
        return e.Message;
    }

    /// <summary>Neither of its two file systems can be read.</summary>
    private static byte[] Damaged(string name)
    {
        var disc = new UdfEditor(DvdImages.Read(name));
        foreach (int sector in disc.SectorsOf(2))
        {
            disc.Clear(sector, 1);
        }

        disc.Put(16, [1, .. "CD001"u8, 1, .. new byte[200]]);
        return disc.ToImage();
    }

    private static byte[] Ovf(string hostName) =>
        Encoding.UTF8.GetBytes(OvfSamples.With($"<HostName>{hostName}</HostName>"));

    private string Put(string name, byte[] content)
    {
        string path = Path.Combine(_directory.FullName, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
