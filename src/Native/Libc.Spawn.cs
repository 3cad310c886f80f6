using System;
using System.Runtime.InteropServices;

namespace Azprovision.Native;

internal static partial class Libc
{
    // Room for posix_spawnattr_t (336 bytes in glibc), posix_spawn_file_actions_t (80) and sigset_t (128).
    private const int SizeOfOpaque = 512;

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn(
        int* pid, byte* path, void* fileActions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_init(void* attributes);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setsigdefault(void* attributes, void* signals);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setsigmask(void* attributes, void* signals);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_init(void* fileActions);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_adddup2(void* fileActions, int from, int to);

    [LibraryImport("libc")]
    private static unsafe partial int sigfillset(void* signals);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int waitpid(int pid, int* status, int options);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chroot(string directory);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchdir(int directory);

    /// <summary>
    /// Starts a program below a root directory, in a process group of its own, with this standard input and our standard
    /// output and error. The runtime ignores SIGPIPE and we may hold back SIGTERM, which a child would inherit: all signals
    /// go back to their default.
    /// </summary>
    /// <returns>the process id, which is the process group's too</returns>
    internal static unsafe int Spawn(int root, int standardInput, string[] arguments, string[] environment)
    {
        const short POSIX_SPAWN_SETPGROUP = 2;
        const short POSIX_SPAWN_SETSIGDEF = 4;
        const short POSIX_SPAWN_SETSIGMASK = 8;
        byte* attributes = stackalloc byte[SizeOfOpaque];
        byte* fileActions = stackalloc byte[SizeOfOpaque];
        byte* signals = stackalloc byte[SizeOfOpaque];
        CheckNumber(posix_spawnattr_init(attributes), arguments[0]);
        CheckNumber(sigfillset(signals), arguments[0]);
        CheckNumber(posix_spawnattr_setsigdefault(attributes, signals), arguments[0]);
        new Span<byte>(signals, SizeOfOpaque).Clear();
        CheckNumber(posix_spawnattr_setsigmask(attributes, signals), arguments[0]);
        CheckNumber(
            posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK),
            arguments[0]);
        CheckNumber(posix_spawn_file_actions_init(fileActions), arguments[0]);
        CheckNumber(posix_spawn_file_actions_adddup2(fileActions, standardInput, 0), arguments[0]);

        byte** argv = ToVector(arguments);
        byte** envp = ToVector(environment);
        try
        {
            using Descriptor oldRoot = OpenAt(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY);
            EnterRoot(root);
            try
            {
                int pid;
                CheckNumber(posix_spawn(&pid, argv[0], fileActions, attributes, argv, envp), arguments[0]);
                return pid;
            }
            finally
            {
                EnterRoot(oldRoot.Number);
            }
        }
        finally
        {
            FreeVector(argv, arguments.Length);
            FreeVector(envp, environment.Length);
        }
    }

    /// <summary>The wait status (waitpid(2)) of a child that has ended, or null while it runs.</summary>
    internal static unsafe int? TryWait(int pid)
    {
        const int WNOHANG = 1;
        int status;
        return Check(waitpid(pid, &status, WNOHANG), "waitpid") == 0 ? null : status;
    }

    /// <summary>Kills a process group that we started and takes its leader's status.</summary>
    internal static unsafe void KillGroup(int pid)
    {
        const int SIGKILL = 9;
        int status;
        _ = kill(-pid, SIGKILL);   // it may have ended by itself just now
        _ = waitpid(pid, &status, 0);
    }

    private static void EnterRoot(int root)
    {
        ChangeDirectory(root);
        ChangeRoot(".");
    }

    // The posix_spawn family gives the error as its result and leaves errno alone.
    private static void CheckNumber(int error, string program)
    {
        if (error != 0)
        {
            throw new SyscallException("posix_spawn", program, error);
        }
    }

    private static unsafe byte** ToVector(string[] texts)
    {
        byte** vector = (byte**)NativeMemory.AllocZeroed((nuint)texts.Length + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < texts.Length; i++)
        {
            vector[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        }

        return vector;
    }

    private static unsafe void FreeVector(byte** vector, int length)
    {
        for (int i = 0; i < length; i++)
        {
            Marshal.FreeCoTaskMem((nint)vector[i]);
        }

        NativeMemory.Free(vector);
    }
}
