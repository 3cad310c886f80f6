using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Boot;

/// <summary>The kernel's UDF and ISO 9660 against our own, on the same disks in the same guest.</summary>
public sealed class MediaTests(GuestImage image) : IClassFixture<GuestImage>
{
    // Fills the disks of mkudffs (device:options), leaving deleted entries behind, then provisions from each disk by
    // mount, and again without the kernel's file systems. All disks hold the same, so that all plans are the same.
    private const string Script = """
        for disk in $empty; do
          mount -t udf -o "${disk#*:}" "/dev/${disk%:*}" /mnt && cp /ovf-env.xml /mnt/gone && rm /mnt/gone &&
            cp /ovf-env.xml /mnt/ && umount /mnt || echo "media: cannot fill $disk"
        done
        provision() {
          for device in /dev/vd[b-z]; do
            root=/tmp/$1-${device#/dev/}
            mkdir -p "$root/etc"
            azprovision -q --media "$device" --dry-run >"$root/plan" &&
              azprovision -q --media "$device" --root "$root" --only custom-data &&
              cmp /custom-data "$root/var/lib/azprovision/custom-data" && cmp /tmp/mount-vdb/plan "$root/plan" &&
              echo "media: $1 ${device#/dev/}"
          done
          echo "media: $1 with $(awk '/udf|iso9660/ { print $NF }' /proc/filesystems | sort | tr '\n' ' ')"
        }
        provision mount
        rmmod udf isofs
        rm -r /lib/modules/*/kernel/fs
        provision read
        """;

    // Of mkudffs, and how the guest mounts what that made.
    private static readonly (string[] Format, string Mount)[] s_udf =
    [
        (["--media-type=hd", "--blocksize=512", "--udfrev=2.01"], "longad"),
        (["--media-type=hd", "--blocksize=512", "--udfrev=2.01"], "shortad,noadinicb"),
        (["--media-type=hd", "--blocksize=2048", "--udfrev=1.02"], "shortad"),
        (["--media-type=hd", "--blocksize=4096", "--udfrev=1.50"], "shortad"),
        (["--media-type=dvdram", "--udfrev=2.00"], "longad"),
        (["--media-type=cdrw", "--udfrev=1.50"], "longad"),
    ];

    private static readonly string[][] s_genisoimage =
    [
        ["-udf", "-iso-level", "4"],
        ["-iso-level", "4"],
        ["-iso-level", "2", "-relaxed-filenames"],
        ["-J"],
        ["-R"],
    ];

    private static readonly string[][] s_xorriso = [["-J"], ["-R"], ["-J", "-R"]];

    [Theory]
    [InlineData(24)]       // a file that fits into its UDF file entry
    [InlineData(40_000)]   // and one that takes many blocks
    public void Mounting_and_our_own_reader_give_the_same_bytes(int customDataBytes)
    {
        byte[] customData = new byte[customDataBytes];
        new Random(customDataBytes).NextBytes(customData);
        byte[] ovf = Encoding.UTF8.GetBytes(DvdImage.SampleOvf.Replace(
            "IyEvYmluL3NoCmVjaG8gaGVsbG8gPi90bXAvaGVsbG8K", Convert.ToBase64String(customData), StringComparison.Ordinal));
        List<string> images = [];
        using var machine = new VirtualMachine(image.Files) { Megabytes = 256, Images = images };
        string content = Directory.CreateDirectory(machine.InDirectory("content")).FullName;
        File.WriteAllBytes(Path.Combine(content, "ovf-env.xml"), ovf);
        machine.Disk.Write("/ovf-env.xml", ovf);
        machine.Disk.Write("/custom-data", customData);

        var empty = new StringBuilder();
        foreach ((string[] format, string mount) in s_udf)
        {
            empty.Append(CultureInfo.InvariantCulture, $" {Device(images.Count)}:{mount}");
            images.Add(DvdImage.Mkudffs(NextImage(), format));
        }

        foreach (string[] options in s_genisoimage)
        {
            images.Add(DvdImage.Genisoimage(NextImage(), content, options));
        }

        foreach (string[] options in s_xorriso)
        {
            images.Add(DvdImage.Xorriso(NextImage(), content, options));
        }

        machine.RunAtBoot($"empty='{empty}'\n{Script}");
        BootRecord boot = machine.Boot();

        List<string> expected = [];
        foreach ((string way, string known) in new[] { ("mount", "iso9660 udf "), ("read", "") })
        {
            for (int i = 0; i < images.Count; i++)
            {
                expected.Add($"media: {way} {Device(i)}");
            }

            expected.Add($"media: {way} with {known}");
        }

        Assert.Equal(expected, boot.Lines("media: "));

        string NextImage() => machine.InDirectory($"image{images.Count}");
    }

    // Each disk by the kernel's udf and iso9660, by iso9660 alone, and by neither.
    private const string BridgeScript = """
        try() {
          for device in /dev/vd[b-z]; do
            azprovision -q --media "$device" --dry-run | grep -q '"hostName": "heron"' && echo "media: $1 ${device#/dev/}"
          done
        }
        try both
        rmmod udf && rm -r /lib/modules/*/kernel/fs/udf && try iso9660
        rmmod isofs && rm -r /lib/modules/*/kernel/fs && try none
        """;

    [Fact]
    public void The_file_system_that_has_the_file_counts_whichever_the_kernel_knows()
    {
        using var machine = new VirtualMachine(image.Files);
        string content = Directory.CreateDirectory(machine.InDirectory("content")).FullName;
        File.WriteAllText(Path.Combine(content, "ovf-env.xml"), DvdImage.SampleOvf);
        string inUdf = DvdImage.Genisoimage(machine.InDirectory("udf"), content, "-udf", "-R", "-hide", "ovf-env.xml");
        // UDF has what Joliet has, and the kernel takes Rock Ridge.
        string inIso = DvdImage.Genisoimage(machine.InDirectory("iso"), content, "-udf", "-R", "-hide-joliet", "ovf-env.xml");
        string noAnchors = DvdImage.Genisoimage(machine.InDirectory("anchors"), content, "-udf", "-R");
        byte[] disc = File.ReadAllBytes(noAnchors);
        int last = disc.Length / 2048 - 1;
        foreach (int sector in (int[])[256, last - 256, last])
        {
            disc.AsSpan(sector * 2048, 16).Clear();
        }

        File.WriteAllBytes(noAnchors, disc);
        machine.Images = [inUdf, inIso, noAnchors];
        machine.RunAtBoot(BridgeScript);

        Assert.Equal(
            [
                "media: both vdb", "media: both vdc", "media: both vdd",
                "media: iso9660 vdb", "media: iso9660 vdc", "media: iso9660 vdd",
                "media: none vdb", "media: none vdc", "media: none vdd",
            ],
            machine.Boot().Lines("media: "));
    }

    [Fact]
    public void An_empty_drive_on_another_platform_costs_no_time()
    {
        using var machine = new VirtualMachine(image.Files) { HasEmptyDrive = true };
        machine.RunAtBoot("""
            ls /dev/sr0
            echo 'No Asset Tag' >/tmp/tag
            mount --bind /tmp/tag /sys/class/dmi/id/chassis_asset_tag
            start=$(cut -d. -f1 /proc/uptime)
            azprovision
            code=$?
            echo "media: $(($(cut -d. -f1 /proc/uptime) - start)) s"
            exit $code
            """);

        BootRecord boot = machine.Boot();

        Assert.True(boot.ExitCode == 0, boot.Serial);
        Assert.Contains("'/dev/sr0': no medium in it", boot.Serial, StringComparison.Ordinal);
        Assert.Contains("this is not Azure: nothing to do", boot.Serial, StringComparison.Ordinal);
        Assert.Contains(boot.Said("media: "), (string[])["0 s", "1 s", "2 s", "3 s"]);
        Assert.Empty(boot.Received);
    }

    private static string Device(int index) => $"vd{(char)('b' + index)}";
}
