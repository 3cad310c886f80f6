using System;
using System.IO;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Accounts;

/// <summary>Random salt for a password hash. The alphabet has 64 characters, so six bits of each byte choose evenly.</summary>
internal static class Salt
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    internal static string Make(TimeProvider time)
    {
        byte[] random = new byte[Sha512Crypt.SaltLength];
        Fill(random, time);
        return string.Create(random.Length, random, static (text, bytes) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = Sha512Crypt.Alphabet[bytes[i] & 0x3F];
            }
        });
    }

    // Early at boot the kernel may have too little entropy yet. A salt need only differ from machine to machine, so after
    // some seconds what /dev/urandom gives is good enough.
    private static void Fill(byte[] bytes, TimeProvider time)
    {
        try
        {
            if (Retry.Until(() => Libc.TryGetRandom(bytes), s_pause, Deadline.After(s_patience, time)))
            {
                return;
            }
        }
        catch (SyscallException e) when (e.Errno == Errno.ENOSYS)
        {
            // A kernel before 3.17.
        }

        const string Device = "/dev/urandom";
        using Descriptor urandom = Libc.OpenAt(Libc.AT_FDCWD, Device, Libc.O_RDONLY);
        if (Libc.Read(urandom.Number, bytes, Device) != bytes.Length)
        {
            throw new IOException($"'{Device}' gave less than {bytes.Length} bytes");
        }
    }
}
