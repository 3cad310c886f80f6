using System;
using Azprovision.Tests.Live.Support;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>The published executable on loop devices: what it makes of a resource disk, and that it leaves data alone.</summary>
public class ResourceDiskTests
{
    private const long Size = 200 << 20;

    [Theory]
    [InlineData("label: dos\nstart=128, type=7")]
    [InlineData("label: gpt\nstart=2048, size=2048, type=E3C9E316-0B5C-4DB8-817D-F92DF00215AE\ntype=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7")]
    public void A_fresh_disk_is_formatted_once_and_then_only_mounted(string table)
    {
        using DiskImage image = DiskImage.Fresh(Size, table);
        image.Fill("echo x >DATALOSS_WARNING_README.txt");
        using var machine = new DiskMachine(image);
        string said = machine.Run("""
            echo '# mine' >"$root/etc/fstab"
            azprovision --swap 16
            grep " $root/mnt " /proc/mounts
            ls "$root/mnt"
            cat "$root/etc/fstab"
            grep -c swapfile /proc/swaps
            stat -c '%a %s' "$root/mnt/swapfile"
            echo data >"$root/mnt/file"
            echo again: && azprovision --swap 16
            swapoff "$root/mnt/swapfile"; umount "$root/mnt"
            e2fsck -fn "$part" 2>&1
            echo boot: && azprovision
            cat "$root/mnt/file"
            grep -c . "$root/etc/fstab"
            """);
        Assert.Contains("was formatted with ext4 and is mounted on '/mnt'", said);
        Assert.Contains(" ext4 rw", said);
        Assert.Contains("DATALOSS_WARNING_README.txt\nlost+found\nswapfile\n# mine\nLABEL=azprovision\t/mnt\tauto\tdefaults,nofail\t0\t0\n1\n600 16777216\n", said);
        string again = said[said.IndexOf("again:", StringComparison.Ordinal)..];
        Assert.Contains("swapping to '/mnt' already", again);
        Assert.DoesNotContain("formatted", again);
        Assert.DoesNotContain("WARNING", again);
        Assert.EndsWith("p1' is mounted on '/mnt'\n", said[..said.LastIndexOf("azprovision: ", StringComparison.Ordinal)]);
        Assert.EndsWith("data\n2\n", said);
        Assert.Equal([(1 << 20, Size - (2 << 20))], image.Partitions());
    }

    [Fact]
    public void A_disk_with_a_file_is_left_alone_to_the_last_byte()
    {
        using DiskImage image = DiskImage.Fresh(Size);
        image.Fill("mkdir d; echo x >d/file");
        using var machine = new DiskMachine(image);
        string said = machine.Run("""
            sha256sum <"$image" >"$root/before"
            azprovision; echo "exit $?"
            sync; sha256sum <"$image" | cmp "$root/before" && echo unchanged
            [ ! -e "$root/etc/fstab" ] && echo 'no fstab'
            """);
        Assert.Contains("NTFS: 'd' (file 64) is not the platform's, ignoring", said);
        Assert.EndsWith("exit 0\nunchanged\nno fstab\n", said);
    }

    // strace ends the program (or mke2fs) at the n-th call; whatever that is, the next run has to come out at the same.
    [Theory]
    [InlineData("", "pwrite64", 5)]
    [InlineData("", "fsync", 5)]
    [InlineData("", "mount", 2)]
    [InlineData("", "umount2", 1)]
    [InlineData("", "fallocate", 1)]
    [InlineData("", "swapon", 1)]
    [InlineData("-f", "pwrite64", 1, 100)]
    public void After_a_crash_the_next_run_ends_the_work(string option, string call, int count, int first = 1)
    {
        for (int n = first; n < first + count; n++)
        {
            using DiskImage image = DiskImage.Fresh(Size);
            using var machine = new DiskMachine(image);
            string said = machine.Run($"""
                strace {option} -qq -o "$root/trace" -e trace={call} -e inject={call}:signal=KILL:when={n} \
                  "$program" --root "$root" --network off --imds none --only resource-disk --resource-disk /mnt --swap 16 2>&1 || :
                grep -c 'killed by SIGKILL' "$root/trace"
                swapoff "$root/mnt/swapfile" 2>/dev/null || :
                umount "$root/mnt" 2>/dev/null || :
                azprovision --swap 16
                grep -c "/swapfile" /proc/swaps
                grep -c " $root/mnt ext4" /proc/mounts
                """);
            Assert.Contains("1\nazprovision: ", said);   // killed, and then the log of the second run
            Assert.EndsWith("\n1\n1\n", said);
            Assert.DoesNotContain("ignoring", said[said.IndexOf("1\nazprovision: ", StringComparison.Ordinal)..]);
        }
    }

    [Theory]
    [InlineData("mount -t tmpfs none \"$root/usr/sbin\"", "there is no mkfs for ext4, xfs or btrfs")]
    [InlineData("echo '/dev/x /mnt ext4 defaults 0 0' >\"$root/etc/fstab\"", "'/etc/fstab' has '/dev/x' on '/mnt'")]
    [InlineData("mount -t tmpfs none \"$root/mnt\"", "something else is mounted on '/mnt'")]
    public void What_stands_in_the_way_is_a_warning(string setup, string warning)
    {
        using DiskImage image = DiskImage.Fresh(Size);
        using var machine = new DiskMachine(image);
        string said = machine.Run($"{setup}\nazprovision; echo \"exit $?\"");
        Assert.Contains(warning, said);
        Assert.EndsWith("exit 0\n", said);
    }
}
