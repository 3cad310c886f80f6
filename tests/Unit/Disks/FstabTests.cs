using System.IO;
using System.Text;
using Azprovision.Disks;
using Xunit;

namespace Azprovision.Tests.Unit.Disks;

public class FstabTests
{
    private const string Line = "LABEL=azprovision\t/mnt/resource\tauto\tdefaults,nofail\t0\t0\n";
    private const string Root = "# a comment\nUUID=1 / ext4 errors=remount-ro 0 1";

    [Theory]
    [InlineData("", Line)]
    [InlineData(Root, Root + "\n" + Line)]
    [InlineData("LABEL=azprovision /old xfs defaults 0 2\n" + Root + "\n", Line + Root + "\n")]
    [InlineData(Line, Line)]
    public void Our_line_is_there_once(string before, string after) => Assert.Equal(after, With(before, "/mnt/resource"));

    [Theory]
    [InlineData("/dev/sdc1 /mnt/resource ext4 defaults 0 2\n")]
    [InlineData("/dev/sdc1 /mnt/resource/ ext4 defaults 0 2\n")]
    public void A_directory_of_somebody_else_s_is_not_taken(string fstab) => Assert.Equal(
        "'/etc/fstab' has '/dev/sdc1' on '/mnt/resource'",
        Assert.Throws<InvalidDataException>(() => With(fstab, "/mnt/resource")).Message);

    [Theory]
    [InlineData("/dev/sda2 /home xfs defaults 0 2\n", "/home")]
    [InlineData("/dev/sda2 /home/ada/ xfs\n", "/home/ada")]
    [InlineData("/dev/sda2 /home xfs defaults,nofail 0 2\n/dev/sda3 /home/ada xfs noauto 0 0\n", null)]
    [InlineData(Root + "\n#/dev/sda2 /home xfs\n/dev/sda3 /hom xfs\n/dev/sda4 /home/ad xfs\n/dev/sda5 none swap\n", null)]
    public void What_is_mounted_over_a_directory_at_every_boot_is_known(string fstab, string? expected) =>
        Assert.Equal(expected, Fstab.FindMountOver(Encoding.Latin1.GetBytes(fstab), "/home/ada"));

    [Fact]
    public void Blanks_are_written_as_fstab_has_them() =>
        Assert.StartsWith("LABEL=azprovision\t/a\\040b\\134c\tauto", With("", "/a b\\c"));

    private static string With(string fstab, string directory) =>
        Encoding.Latin1.GetString(Fstab.With(Encoding.Latin1.GetBytes(fstab), directory));
}
