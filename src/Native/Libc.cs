using System.Runtime.InteropServices;

namespace Azprovision.Native;

/// <summary>
/// The libc calls that this program makes, one partial file a facility. Each wrapper checks the result where the call is
/// made, since errno is gone after the next one. By name, but for calls so young that their numbers are the same everywhere.
/// </summary>
internal static partial class Libc
{
    private static int Check(int result, string call, string? subject = null) =>
        result < 0 ? throw Failed(call, subject) : result;

    private static nint Check(nint result, string call, string? subject = null) =>
        result < 0 ? throw Failed(call, subject) : result;

    private static SyscallException Failed(string call, string? subject) =>
        new(call, subject, Marshal.GetLastPInvokeError());
}
