using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using Azprovision.Azure;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Azure;

public class KvpPoolTests
{
    private const string Key = "PROVISIONING_REPORT";

    [Fact]
    public void A_record_is_512_bytes_of_key_and_2048_of_value()
    {
        byte[] record = KvpPool.Record(Key, "result=success");
        Assert.Equal(2560, record.Length);
        Assert.Equal(Key, Text(record.AsSpan(0, 512)));
        Assert.Equal("result=success", Text(record.AsSpan(512)));
    }

    [Theory]
    [InlineData(1022, "x", 1022)]
    [InlineData(2000, "x", 1022)]
    [InlineData(2000, "\u00e4", 1022)]       // 2 bytes: 511 of them
    [InlineData(2000, "\u20ac", 1020)]       // 3 bytes: 340
    [InlineData(2000, "\ud83d\ude00", 1020)] // 4 bytes: 255
    public void A_value_is_cut_between_characters(int count, string character, int bytes)
    {
        string value = string.Concat(Enumerable.Repeat(character, count));
        string kept = Text(KvpPool.Record(Key, value).AsSpan(512));
        Assert.Equal(bytes, Encoding.UTF8.GetByteCount(kept));
        Assert.StartsWith(kept, value);
    }

    [Fact]
    public void Records_of_others_stay_and_ours_is_written_over()
    {
        using var machine = new Machine();
        machine.Root.With(KvpPool.Path, Encoding.Latin1.GetString(KvpPool.Record("OTHER", "1")));
        KvpPool.TryWrite(machine.Host, Key, "result=error");
        KvpPool.TryWrite(machine.Host, Key, "result=success");
        Assert.Equal(["OTHER=1", $"{Key}=result=success"], machine.Records());
    }

    [Fact]
    public void What_a_boot_before_has_left_goes()
    {
        using var machine = new Machine();
        machine.Root.With(KvpPool.Path, Encoding.Latin1.GetString(KvpPool.Record("OTHER", "1")));
        File.SetLastWriteTimeUtc(machine.Root.HostPath(KvpPool.Path), DateTime.UtcNow - Libc.Uptime() - TimeSpan.FromMinutes(1));
        KvpPool.TryWrite(machine.Host, Key, "result=success");
        Assert.Equal([$"{Key}=result=success"], machine.Records());
    }

    [Fact]
    public void A_record_that_was_cut_short_goes()
    {
        using var machine = new Machine();
        machine.Root.With(KvpPool.Path, Encoding.Latin1.GetString(KvpPool.Record("OTHER", "1")) + "half");
        KvpPool.TryWrite(machine.Host, Key, "result=success");
        Assert.Equal(["OTHER=1", $"{Key}=result=success"], machine.Records());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_writer_with_either_lock_is_waited_for(bool isFlock)
    {
        using var machine = new Machine();
        machine.Root.With(KvpPool.Path, "");
        using Descriptor other = Libc.OpenAt(Libc.AT_FDCWD, machine.Root.HostPath(KvpPool.Path), Libc.O_RDWR);
        Assert.True(isFlock ? Libc.TryFlock(other.Number, "") : Libc.TrySetLock(other.Number, ""));
        Assert.Contains("is locked", Assert.Throws<IOException>(() => KvpPool.TryWrite(machine.Host, Key, "x")).Message);
        other.Dispose();
        // A child that another test starts just now has the descriptor too, until its execve(2).
        Assert.True(SpinWait.SpinUntil(() => Writes(machine), TimeSpan.FromSeconds(10)));
        Assert.Equal([$"{Key}=x"], machine.Records());
    }

    private static bool Writes(Machine machine)
    {
        try
        {
            KvpPool.TryWrite(machine.Host, Key, "x");
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    [Fact]
    public void Where_no_host_can_read_it_nothing_is_written()
    {
        using var machine = new Machine();
        Directory.Delete(machine.Root.HostPath(KvpPool.Directory));
        KvpPool.TryWrite(machine.Host, Key, "x");
        Assert.False(Directory.Exists(machine.Root.HostPath(KvpPool.Directory)));

        machine.Root.With("/dev/vmbus/hv_kvp", "");   // the kernel has the exchange, the daemon is yet to start
        KvpPool.TryWrite(machine.Host, Key, "x");
        Assert.Equal([$"{Key}=x"], machine.Records());
    }

    private static string Text(ReadOnlySpan<byte> field) => Encoding.UTF8.GetString(field.TrimEnd((byte)0));

    private sealed class Machine : IDisposable
    {
        private readonly LogFile _log = new();

        internal Machine()
        {
            Root = new TempRoot().WithDirectory(KvpPool.Directory);
            Host = new Host(
                Root.Files, Root.Files, Root.HostPath("/dev"), Endpoint.WireServer, TimeProvider.System,
                Deadline.After(TimeSpan.FromMilliseconds(100), TimeProvider.System), Deadline.After(TimeSpan.FromMilliseconds(100), TimeProvider.System), _log.Log);
        }

        internal TempRoot Root { get; }

        internal Host Host { get; }

        internal string[] Records() => [.. Encoding.Latin1.GetBytes(Root.Read(KvpPool.Path)).Chunk(2560)
            .Select(record => $"{Text(record.AsSpan(0, 512))}={Text(record.AsSpan(512))}")];

        public void Dispose()
        {
            Root.Dispose();
            _log.Dispose();
        }
    }
}
