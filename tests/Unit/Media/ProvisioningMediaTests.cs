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
        Put("sr1", "<Environment/>"u8.ToArray());
        Put("sr2", "<Other/>"u8.ToArray());
        Assert.Equal(
            "unexpected metadata parsing ovf-env.xml: missing configuration for 'ProvisioningSection'",
            Assert.Throws<InvalidDataException>(() => Read(null)).Message);
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

    private static byte[] Ovf(string hostName) =>
        Encoding.UTF8.GetBytes(OvfSamples.With($"<HostName>{hostName}</HostName>"));

    private string Put(string name, byte[] content)
    {
        string path = Path.Combine(_directory.FullName, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
