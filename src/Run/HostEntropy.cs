using System;
using System.Buffers.Binary;
using System.IO;
using Azprovision.Files;
using Azprovision.Native;

namespace Azprovision.Run;

/// <summary>
/// Random bytes that Hyper-V gives each machine in an ACPI table. A kernel that knows the table has taken and erased them;
/// to an older one they are told here, before anything random is made.
/// </summary>
internal static class HostEntropy
{
    private const string Table = "/sys/firmware/acpi/tables/OEM0";
    private const int HeaderSize = 36;   // ACPI 6.5 5.2.6
    private const int MaxSize = HeaderSize + 4096;

    internal static void Feed(Host host)
    {
        try
        {
            SystemRoot sys = host.Files.TryStatus(Table) is null ? host.Kernel : host.Files;
            if (sys.TryRead(Table, MaxSize) is { } table && PayloadOf(table) is { Length: > 0 } bytes)
            {
                // A write is mixed in and trusted with nothing: at worst it is no help.
                string device = $"{host.Devices}/urandom";
                using Descriptor urandom = Libc.OpenAt(Libc.AT_FDCWD, device, Libc.O_WRONLY);
                Libc.WriteAll(urandom.Number, bytes, device);
                host.Log.Debug($"{bytes.Length} random bytes of the host were fed to the kernel");
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            host.Log.Debug($"random bytes of the host: {e.Message}");
        }
    }

    /// <summary>What follows the header; nothing when that is no such table, or used up: cut to the header, or zeros.</summary>
    internal static ReadOnlySpan<byte> PayloadOf(ReadOnlySpan<byte> table)
    {
        if (table.Length <= HeaderSize || !table.StartsWith("OEM0"u8))
        {
            return [];
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(table[4..]);
        ReadOnlySpan<byte> payload = length > table.Length || length < HeaderSize ? [] : table[HeaderSize..(int)length];
        return payload.IndexOfAnyExcept((byte)0) < 0 ? [] : payload;
    }
}
