using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Azprovision.Native;

internal static partial class Libc
{
    private const int AF_PACKET = 17;
    private const int SOCK_DGRAM = 2;
    private const ushort ETH_P_IP = 0x0800;
    private const int SO_ATTACH_FILTER = 26;
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
        // Of protocol 0, so that nothing is queued before the filter and the interface are set.
        var descriptor = new Descriptor(
            Check(socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "packet socket", subject));
        try
        {
            SetFilter(descriptor.Number, filter, subject);
            fixed (byte* name = EveryoneOn(link))
            {
                Check(bind(descriptor.Number, name, SizeOfSockaddrLl), "bind", subject);
            }

            return descriptor;
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A socket for the UDP packets that this machine gets over one network interface, headers included (raw(7)). Packets are
    /// sent with the header that they bring. Only what passes the filter is queued.
    /// </summary>
    internal static unsafe Descriptor OpenRawSocket(string link, ReadOnlySpan<ulong> filter)
    {
        const int IPPROTO_IP = 0;
        const int IPPROTO_UDP = 17;
        const int IP_HDRINCL = 3;
        const int SO_BROADCAST = 6;
        const int SO_BINDTODEVICE = 25;
        var descriptor = new Descriptor(
            Check(socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP), "raw socket", link));
        try
        {
            SetFilter(descriptor.Number, filter, link);
            fixed (byte* name = Encoding.UTF8.GetBytes(link))
            {
                int length = Encoding.UTF8.GetByteCount(link);
                Check(setsockopt(descriptor.Number, SOL_SOCKET, SO_BINDTODEVICE, name, (uint)length), "setsockopt", link);
            }

            int yes = 1;
            Check(setsockopt(descriptor.Number, SOL_SOCKET, SO_BROADCAST, &yes, sizeof(int)), "setsockopt", link);
            Check(setsockopt(descriptor.Number, IPPROTO_IP, IP_HDRINCL, &yes, sizeof(int)), "setsockopt", link);
            return descriptor;
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The address of an Ethernet broadcast, struct sockaddr_ll: sll_family 2, sll_protocol 2 (big endian), sll_ifindex 4,
    /// sll_hatype 2, sll_pkttype 1, sll_halen 1, sll_addr 8.
    /// </summary>
    internal static byte[] EveryoneOn(int link)
    {
        byte[] name = new byte[SizeOfSockaddrLl];
        BinaryPrimitives.WriteUInt16LittleEndian(name, AF_PACKET);
        BinaryPrimitives.WriteUInt16BigEndian(name.AsSpan(2), ETH_P_IP);
        BinaryPrimitives.WriteInt32LittleEndian(name.AsSpan(4), link);
        name[11] = 6;
        name.AsSpan(12, 6).Fill(0xFF);
        return name;
    }

    /// <summary>The address of an IPv4 broadcast, struct sockaddr_in: sin_family 2, sin_port 2, sin_addr 4, zeros 8.</summary>
    internal static byte[] EveryoneByIp()
    {
        byte[] name = new byte[16];
        BinaryPrimitives.WriteUInt16LittleEndian(name, AF_INET);
        name.AsSpan(4, 4).Fill(0xFF);
        return name;
    }

    internal static unsafe void SendTo(int descriptor, byte[] address, ReadOnlySpan<byte> packet, string subject)
    {
        fixed (byte* name = address, start = packet)
        {
            Check(sendto(descriptor, start, (nuint)packet.Length, 0, name, (uint)address.Length), "send", subject);
        }
    }

    private static unsafe void SetFilter(int descriptor, ReadOnlySpan<ulong> filter, string subject)
    {
        fixed (ulong* instructions = filter)
        {
            void** program = stackalloc void*[2];   // struct sock_fprog: len 2, padding 6, filter 8
            program[0] = (void*)filter.Length;
            program[1] = instructions;
            Check(setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, program, 16), "setsockopt", subject);
        }
    }
}
