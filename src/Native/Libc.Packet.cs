using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Azprovision.Native;

internal static partial class Libc
{
    private const int AF_PACKET = 17;
    private const int SOCK_DGRAM = 2;
    private const ushort ETH_P_IP = 0x0800;
    private const int SizeOfSockaddrLl = 20;

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint sendto(
        int descriptor, byte* buffer, nuint count, int flags, byte* address, uint length);

    /// <summary>
    /// A socket for the IPv4 packets of one network interface, headers included, whether or not the interface has an
    /// address (packet(7)). Only what passes the filter (struct sock_filter, one ulong each) is queued.
    /// </summary>
    internal static unsafe Descriptor OpenPacketSocket(int link, ReadOnlySpan<ulong> filter, string subject)
    {
        const int SO_ATTACH_FILTER = 26;

        // Of protocol 0, so that nothing is queued before the filter and the interface are set.
        var descriptor = new Descriptor(
            Check(socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "packet socket", subject));
        fixed (ulong* instructions = filter)
        {
            void** program = stackalloc void*[2];   // struct sock_fprog: len 2, padding 6, filter 8
            program[0] = (void*)filter.Length;
            program[1] = instructions;
            Check(setsockopt(descriptor.Number, SOL_SOCKET, SO_ATTACH_FILTER, program, 16), "setsockopt", subject);
        }

        byte* name = stackalloc byte[SizeOfSockaddrLl];
        FillAddress(name, link);
        Check(bind(descriptor.Number, name, SizeOfSockaddrLl), "bind", subject);
        return descriptor;
    }

    /// <summary>Sends an IPv4 packet in an Ethernet broadcast.</summary>
    internal static unsafe void SendToAll(int descriptor, int link, ReadOnlySpan<byte> packet, string subject)
    {
        byte* name = stackalloc byte[SizeOfSockaddrLl];
        FillAddress(name, link);
        fixed (byte* start = packet)
        {
            Check(sendto(descriptor, start, (nuint)packet.Length, 0, name, SizeOfSockaddrLl), "send", subject);
        }
    }

    // struct sockaddr_ll: sll_family 2, sll_protocol 2 (big endian), sll_ifindex 4, sll_hatype 2, sll_pkttype 1, sll_halen 1,
    // sll_addr 8
    private static unsafe void FillAddress(byte* name, int link)
    {
        var fields = new Span<byte>(name, SizeOfSockaddrLl);
        fields.Clear();
        *(ushort*)name = AF_PACKET;
        BinaryPrimitives.WriteUInt16BigEndian(fields[2..], ETH_P_IP);
        *(int*)(name + 4) = link;
        fields[11] = 6;
        fields.Slice(12, 6).Fill(0xFF);
    }
}
