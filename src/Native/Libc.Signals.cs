using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Azprovision.Native;

internal static partial class Libc
{
    private const int SizeOfSigset = 128;
    private const int SIG_BLOCK = 0;
    private const int SIG_UNBLOCK = 1;

    [LibraryImport("libc")]
    private static unsafe partial int pthread_sigmask(int how, void* signals, void* old);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int sigaction(int signal, void* action, void* old);

    [LibraryImport("libc")]
    private static unsafe partial int sigpending(void* signals);

    // The kernel's layout: one bit a signal, the first is 1.
    private static ulong Bit(int signal) => 1UL << (signal - 1);

    /// <summary>
    /// Holds back the signals that ask to end, until <see cref="AllowTermination"/>: every wait (<see cref="Poll"/>,
    /// <see cref="Sleep"/>) then throws OperationCanceledException, what was done can be undone on the way out, and the signal
    /// does its work at the end. No handler: code of ours must not run in one.
    /// </summary>
    /// <returns>false: they are held back already, and whoever began it lets them through</returns>
    internal static unsafe bool HoldTermination()
    {
        ulong* held = stackalloc ulong[SizeOfSigset / sizeof(ulong)];
        *held = 0;
        _ = pthread_sigmask(SIG_BLOCK, null, held);   // changes nothing, tells the mask
        ulong signals = TerminationSignals();
        if ((*held & signals) == signals)
        {
            return false;
        }

        SetTerminationMask(SIG_BLOCK);
        return true;
    }

    /// <summary>Lets the signals through; one that was held back ends the process here.</summary>
    internal static void AllowTermination() => SetTerminationMask(SIG_UNBLOCK);

    /// <summary>Whether a signal that asks to end is being held back.</summary>
    internal static unsafe bool IsTerminationPending()
    {
        ulong* signals = stackalloc ulong[SizeOfSigset / sizeof(ulong)];
        *signals = 0;
        _ = sigpending(signals);   // fails for a bad address only
        return (*signals & TerminationSignals()) != 0;
    }

    private static void SetTerminationMask(int how)
    {
        // A mask belongs to a thread, and a signal to any thread that takes it. The runtime's other thread runs finalizers,
        // and so that is how to reach it.
        MakeGarbage(how);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        SetMask(how);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeGarbage(int how) => _ = new MaskOfFinalizerThread(how);

    private static unsafe void SetMask(int how)
    {
        ulong* signals = stackalloc ulong[SizeOfSigset / sizeof(ulong)];
        new Span<byte>(signals, SizeOfSigset).Clear();
        *signals = TerminationSignals();
        _ = pthread_sigmask(how, signals, null);   // fails for a bad first argument only
    }

    private static void ThrowIfTerminated()
    {
        if (IsTerminationPending())
        {
            throw new OperationCanceledException("asked to end by a signal");
        }
    }

    // One that the parent has set to be ignored (nohup) stays ignored: held back it would be pending all the same.
    private static unsafe ulong TerminationSignals()
    {
        const int SIGHUP = 1;
        const int SIGINT = 2;
        const int SIGTERM = 15;
        const nint SIG_IGN = 1;
        ulong signals = 0;
        nint* action = stackalloc nint[32];   // struct sigaction, 152 bytes in glibc, begins with sa_handler
        foreach (int signal in (ReadOnlySpan<int>)[SIGHUP, SIGINT, SIGTERM])
        {
            Check(sigaction(signal, null, action), "sigaction");
            signals |= *action == SIG_IGN ? 0 : Bit(signal);
        }

        return signals;
    }

    private sealed class MaskOfFinalizerThread(int how)
    {
        ~MaskOfFinalizerThread() => SetMask(how);
    }
}
