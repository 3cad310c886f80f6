using System;
using System.IO;
using Azprovision.Native;

namespace Azprovision.Run;

/// <summary>Random bytes of the kernel, which may be waited for: early at boot it has too little entropy yet.</summary>
internal static class RandomBytes
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Fills it with bytes fit for a key, or throws TimeoutException.</summary>
    internal static void Fill(byte[] bytes, Deadline deadline)
    {
        try
        {
            if (!Retry.Until(() => Libc.TryGetRandom(bytes), s_pause, deadline))
            {
                throw new TimeoutException("the kernel had no random bytes in time");
            }
        }
        catch (SyscallException e) when (e.Errno == Errno.ENOSYS)
        {
            FillFromDevice(bytes);   // a kernel before 3.17
        }
    }

    /// <summary>What there is, be it of little entropy.</summary>
    internal static void FillFromDevice(byte[] bytes)
    {
        const string Device = "/dev/urandom";
        using Descriptor urandom = Libc.OpenAt(Libc.AT_FDCWD, Device, Libc.O_RDONLY);
        if (Libc.Read(urandom.Number, bytes, Device) != bytes.Length)
        {
            throw new IOException($"'{Device}' gave less than {bytes.Length} bytes");
        }
    }
}
