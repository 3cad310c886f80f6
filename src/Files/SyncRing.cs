using System;
using System.Threading;
using Azprovision.Native;

namespace Azprovision.Files;

/// <summary>
/// Many fsync(2) at once, by io_uring(7): the kernel joins them into a few writes of its journal, and nobody waits in turn
/// behind what other programs have left to be written.
/// </summary>
internal sealed unsafe class SyncRing : IDisposable
{
    internal const int Entries = 64;

    private const int SizeOfParameters = 120;   // struct io_uring_params; struct io_uring_sqe and _cqe follow
    private const int SizeOfSubmission = 64;
    private const int SizeOfCompletion = 16;
    private const byte IORING_OP_FSYNC = 3;

    private readonly Descriptor _ring;
    private readonly Mapping _submissions;
    private readonly Mapping _completions;
    private readonly Mapping _entries;
    private readonly Offsets _submission;
    private readonly Offsets _completion;

    private SyncRing(Descriptor ring, ReadOnlySpan<uint> parameters)
    {
        _ring = ring;
        _submission = new Offsets(parameters[40 / 4], parameters[44 / 4], parameters[48 / 4], parameters[64 / 4]);
        _completion = new Offsets(parameters[80 / 4], parameters[84 / 4], parameters[88 / 4], parameters[100 / 4]);
        uint submissions = parameters[0];
        uint completions = parameters[1];
        _submissions = new Mapping(ring, Libc.IORING_OFF_SQ_RING, _submission.Array + submissions * sizeof(uint));
        _completions = new Mapping(ring, Libc.IORING_OFF_CQ_RING, _completion.Array + completions * SizeOfCompletion);
        _entries = new Mapping(ring, Libc.IORING_OFF_SQES, submissions * SizeOfSubmission);
    }

    /// <summary>Null: the kernel has no io_uring for us.</summary>
    internal static SyncRing? TryOpen()
    {
        uint* parameters = stackalloc uint[SizeOfParameters / sizeof(uint)];
        new Span<uint>(parameters, SizeOfParameters / sizeof(uint)).Clear();
        if (Libc.TryOpenRing(Entries, (byte*)parameters) is not { } descriptor)
        {
            return null;
        }

        var ring = new SyncRing(descriptor, new ReadOnlySpan<uint>(parameters, SizeOfParameters / sizeof(uint)));
        if (ring._submissions.Start is null || ring._completions.Start is null || ring._entries.Start is null)
        {
            ring.Dispose();
            return null;
        }

        return ring;
    }

    /// <summary>
    /// Syncs these open files, as many as <see cref="Entries"/>, and returns how many of them, from the first on, the kernel
    /// took: it may lack the memory for all.
    /// </summary>
    /// <param name="errors">for each what went wrong, as errno, or 0</param>
    internal int Sync(ReadOnlySpan<int> files, Span<int> errors)
    {
        byte* submissions = _submissions.Start;
        uint mask = *(uint*)(submissions + _submission.Mask);
        uint tail = *(uint*)(submissions + _submission.Tail);
        for (int i = 0; i < files.Length; i++)
        {
            uint slot = (tail + (uint)i) & mask;
            byte* entry = _entries.Start + slot * SizeOfSubmission;
            new Span<byte>(entry, SizeOfSubmission).Clear();
            *entry = IORING_OP_FSYNC;
            *(int*)(entry + 4) = files[i];
            *(ulong*)(entry + 32) = (ulong)i;   // user_data, which comes back with the answer
            ((uint*)(submissions + _submission.Array))[slot] = slot;
        }

        Volatile.Write(ref *(uint*)(submissions + _submission.Tail), tail + (uint)files.Length);
        _ = Libc.EnterRing(_ring.Number, files.Length, files.Length);   // the head of the ring tells how far it came
        uint head = Volatile.Read(ref *(uint*)(submissions + _submission.Head));
        Volatile.Write(ref *(uint*)(submissions + _submission.Tail), head);   // what it did not take is not for the next time

        // What it took has to end here: of an error that is met now, fsync(2) on the same file would not know any more.
        int taken = (int)(head - tail);
        for (int left = taken - Take(errors); left > 0; left -= Take(errors))
        {
            if (Libc.EnterRing(_ring.Number, 0, left) is not (0 or Errno.EINTR) and int error)
            {
                throw new SyscallException("io_uring_enter", null, error);
            }
        }

        return taken;
    }

    public void Dispose()
    {
        _entries.Dispose();
        _completions.Dispose();
        _submissions.Dispose();
        _ring.Dispose();
    }

    /// <summary>Takes the answers that are there and returns how many.</summary>
    private int Take(Span<int> errors)
    {
        byte* completions = _completions.Start;
        uint mask = *(uint*)(completions + _completion.Mask);
        uint head = *(uint*)(completions + _completion.Head);
        uint tail = Volatile.Read(ref *(uint*)(completions + _completion.Tail));
        int taken = 0;
        for (; head != tail; head++, taken++)
        {
            byte* answer = completions + _completion.Array + (head & mask) * SizeOfCompletion;
            errors[(int)*(ulong*)answer] = -*(int*)(answer + 8);
        }

        Volatile.Write(ref *(uint*)(completions + _completion.Head), head);
        return taken;
    }

    /// <summary>Where in a ring its fields are (struct io_sqring_offsets, io_cqring_offsets), in bytes.</summary>
    private readonly record struct Offsets(uint Head, uint Tail, uint Mask, uint Array);

    private sealed class Mapping(Descriptor ring, nint offset, uint length) : IDisposable
    {
        internal byte* Start { get; } = Libc.TryMap(ring.Number, offset, length);

        public void Dispose()
        {
            if (Start is not null)
            {
                Libc.Unmap(Start, length);
            }
        }
    }
}
