using System;
using System.Runtime.InteropServices;
using System.Text;

namespace Azprovision.Native;

internal static partial class Libc
{
    private const int AF_NETLINK = 16;
    private const int SOCK_RAW = 3;
    private const int MSG_TRUNC = 0x20;
    private const int SizeOfSockaddrNl = 12;   // nl_family 2, padding 2, nl_pid 4, nl_groups 4

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int bind(int descriptor, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int setsockopt(int descriptor, int level, int option, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint recvfrom(
        int descriptor, byte* buffer, nuint count, int flags, byte* address, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int ioctl(int descriptor, nuint request, void* argument);

    /// <summary>A socket to the kernel's routing (rtnetlink(7)) that hears what these multicast groups tell.</summary>
    internal static unsafe Descriptor OpenRouteSocket(uint groups)
    {
        const int NETLINK_ROUTE = 0;
        const int SOL_NETLINK = 270;
        const int NETLINK_GET_STRICT_CHK = 12;
        var descriptor = new Descriptor(
            Check(socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE), "socket", "rtnetlink"));
        byte* name = stackalloc byte[SizeOfSockaddrNl];
        new Span<byte>(name, SizeOfSockaddrNl).Clear();
        *(ushort*)name = AF_NETLINK;
        *(uint*)(name + 8) = groups;
        if (bind(descriptor.Number, name, SizeOfSockaddrNl) < 0)
        {
            SyscallException e = Failed("bind", "rtnetlink");
            descriptor.Dispose();
            throw e;
        }

        // Kernels before 4.20 do not know it and read requests leniently, which is as good for correct ones.
        int yes = 1;
        _ = setsockopt(descriptor.Number, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &yes, sizeof(int));
        return descriptor;
    }

    /// <summary>
    /// Takes one datagram of the kernel, those of other processes are dropped. The result is its whole length, which may be
    /// more than the buffer has; null when there is none.
    /// </summary>
    internal static unsafe int? TryReceiveFromKernel(int descriptor, Span<byte> buffer)
    {
        byte* sender = stackalloc byte[SizeOfSockaddrNl];
        fixed (byte* start = buffer)
        {
            while (true)
            {
                uint length = SizeOfSockaddrNl;
                nint count = recvfrom(descriptor, start, (nuint)buffer.Length, MSG_TRUNC, sender, &length);
                int? taken = CountOrNotNow(count, "receive", "rtnetlink");
                if (taken is null || *(uint*)(sender + 4) == 0)
                {
                    return taken;
                }
            }
        }
    }

    /// <summary>
    /// The name of a network interface's driver, asked by ethtool's ioctl over any socket, since sysfs may not be there;
    /// null when it has none, or none that its driver wants to tell.
    /// </summary>
    internal static unsafe string? TryGetDriver(int descriptor, string link)
    {
        const nuint SIOCETHTOOL = 0x8946;
        const uint ETHTOOL_GDRVINFO = 3;
        const int IFNAMSIZ = 16;
        const int SizeOfDriverInfo = 196;   // struct ethtool_drvinfo: cmd 4, driver 32, ...
        byte* answer = stackalloc byte[SizeOfDriverInfo];
        new Span<byte>(answer, SizeOfDriverInfo).Clear();
        *(uint*)answer = ETHTOOL_GDRVINFO;
        byte* request = stackalloc byte[40];   // struct ifreq: ifr_name 16, ifr_data 8, ...
        var fields = new Span<byte>(request, 40);
        fields.Clear();
        if (!Encoding.UTF8.TryGetBytes(link, fields[..(IFNAMSIZ - 1)], out _))
        {
            return null;
        }

        *(void**)(request + IFNAMSIZ) = answer;
        if (ioctl(descriptor, SIOCETHTOOL, request) < 0)
        {
            return null;
        }

        ReadOnlySpan<byte> driver = new(answer + 4, 32);
        int end = driver.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? driver : driver[..end]);
    }
}
