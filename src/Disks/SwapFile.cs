using System;
using System.Buffers.Binary;
using Azprovision.Native;

namespace Azprovision.Disks;

/// <summary>A file to swap to, on the resource disk: made if it is not there, and taken into use.</summary>
internal static class SwapFile
{
    private const string Name = "swapfile";
    private const uint Mode = 0x180;   // 0600: it has everybody's memory in it

    private static ReadOnlySpan<byte> Signature => "SWAPSPACE2"u8;   // at the end of the first page

    /// <returns>false when it was in use already</returns>
    internal static bool Use(int directory, long length)
    {
        if (Libc.TryStatusAt(directory, Name, Name) is not { IsRegular: true } old || old.Size != length || !HasHeader(directory))
        {
            Make(directory, length);
        }

        return Libc.TrySwapOn(directory, Name);
    }

    /// <summary>The first page (linux/swap.h, union swap_header): a boot block's 1,024 bytes, version, last page, signature.</summary>
    internal static byte[] Header(long length, int pageSize)
    {
        byte[] page = new byte[pageSize];
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(1024), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(1028), (uint)((length / pageSize) - 1));
        Signature.CopyTo(page.AsSpan(pageSize - Signature.Length));
        return page;
    }

    // It has its length before its header: what a power cut between the two leaves is none.
    private static bool HasHeader(int directory)
    {
        byte[] end = new byte[Signature.Length];
        using Descriptor file = Libc.OpenAt(directory, Name, Libc.O_RDONLY | Libc.O_NOFOLLOW);
        return Libc.ReadAt(file.Number, end, Environment.SystemPageSize - end.Length, Name) == end.Length
            && Signature.SequenceEqual(end);
    }

    private static void Make(int directory, long length)
    {
        Libc.UnlinkAt(directory, Name, Name);
        try
        {
            const int Flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL;
            using Descriptor file = Libc.OpenAt(directory, Name, Flags | Libc.O_NOFOLLOW, Mode);
            Libc.Allocate(file.Number, length, Name);
            Libc.WriteAllAt(file.Number, Header(length, Environment.SystemPageSize), 0, Name);
            Libc.Sync(file.Number, Name);
        }
        catch (SyscallException)
        {
            Libc.UnlinkAt(directory, Name, Name);   // half of it would be space that nobody can use
            throw;
        }
    }
}
