using System;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Azure;

/// <summary>
/// The key-value pairs that the guest has for its host (pool 1 of Hyper-V's KVP exchange): a file of records of one size,
/// which hv_kvp_daemon reads when the host asks (Linux, tools/hv/hv_kvp_daemon.c).
/// </summary>
internal static class KvpPool
{
    internal const string Directory = "/var/lib/hyperv";
    internal const string Path = $"{Directory}/.kvp_pool_1";

    private const int KeySize = 512;
    private const int RecordSize = KeySize + 2048;
    private const int MaxValue = 1022;   // the kernel's buffer is larger, but what the host shows is not
    private const int MaxRecords = 4096;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Writes a record in the place of one with its key. Nothing is done where nobody would read it: on a kernel without the
    /// exchange, where no daemon has made the directory either.
    /// </summary>
    internal static void TryWrite(Host host, string key, string value)
    {
        if (!host.Files.IsDirectory(Directory))
        {
            string exchange = $"{host.Devices}/vmbus/hv_kvp";
            if (Libc.TryStatusAt(Libc.AT_FDCWD, exchange, exchange) is null)
            {
                return;
            }

            using var root = new PlannedRoot(host.Files);
            root.Directory(Directory, new Ownership(0x1ED));   // 0755
            Commit.Run(root);
        }

        const int Flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOCTTY;
        using Descriptor pool = host.Files.TryOpen(Path, Flags, 0x1A4)   // 0644, as the daemon makes it
            ?? throw new SyscallException("open", Path, Errno.ENOENT);
        Lock(pool, host.Deadline.Within(s_patience));
        FileStatus status = Libc.StatusOf(pool.Number, Path);
        DateTimeOffset boot = host.Time.GetUtcNow() - Libc.Uptime();
        long count = status.Modified < boot.ToUnixTimeSeconds() ? 0 : status.Size / RecordSize;
        if (count >= MaxRecords)
        {
            throw new IOException($"'{Path}' has {count} records");
        }

        // Records of the boot before speak of another run, and the rest of a record that was cut short of nothing.
        Libc.Truncate(pool.Number, count * RecordSize, Path);
        Libc.WriteAllAt(pool.Number, Record(key, value), Place(pool, key, count) * RecordSize, Path);
        Libc.Sync(pool.Number, Path);
    }

    internal static byte[] Record(string key, string value)
    {
        byte[] record = new byte[RecordSize];
        Encoding.UTF8.GetBytes(key, record.AsSpan(0, KeySize - 1));
        // As many whole characters as find room: half a one would make the host drop the record.
        Encoding.UTF8.GetEncoder().Convert(value, record.AsSpan(KeySize, MaxValue), flush: true, out _, out _, out _);
        return record;
    }

    private static long Place(Descriptor pool, string key, long count)
    {
        Span<byte> wanted = Record(key, "").AsSpan(0, KeySize);
        byte[] found = new byte[KeySize];
        for (long i = 0; i < count; i++)
        {
            if (Libc.ReadAt(pool.Number, found, i * RecordSize, Path) == KeySize && wanted.SequenceEqual(found))
            {
                return i;
            }
        }

        return count;
    }

    // The daemon takes record locks, other agents flock(2), and neither knows of the other.
    private static void Lock(Descriptor pool, Deadline deadline)
    {
        if (!Retry.Until(() => Libc.TryFlock(pool.Number, Path) && Libc.TrySetLock(pool.Number, Path), s_look, deadline))
        {
            throw new IOException($"'{Path}' is locked by another program");
        }
    }
}
