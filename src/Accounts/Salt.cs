using System;
using Azprovision.Run;

namespace Azprovision.Accounts;

/// <summary>Random salt for a password hash. The alphabet has 64 characters, so six bits of each byte choose evenly.</summary>
internal static class Salt
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

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
            RandomBytes.Fill(bytes, Deadline.After(s_patience, time));
        }
        catch (TimeoutException)
        {
            RandomBytes.FillFromDevice(bytes);
        }
    }
}
