using Azprovision.Native;

namespace Azprovision.Run;

/// <summary>The descriptors 0 to 2.</summary>
internal static class StandardStreams
{
    /// <summary>
    /// Opens those that the program was started without: the next file opened would else be number 0, 1 or 2, and log lines
    /// would go into it.
    /// </summary>
    internal static void Complete()
    {
        for (int number = 0; number <= 2; number++)
        {
            if (!Libc.IsOpen(number))
            {
                // Open(2) takes the lowest free number, which is this one; it stays open to the end.
                _ = Libc.TryOpenAt(Libc.AT_FDCWD, "/dev/null", Libc.O_RDWR)
                    ?? Libc.OpenAt(Libc.AT_FDCWD, "/", Libc.O_RDONLY | Libc.O_DIRECTORY);
            }
        }
    }
}
