using System;
using System.Runtime.InteropServices;

namespace Azprovision.Native;

internal static partial class Libc
{
    private const string SelinuxAttribute = "security.selinux";

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial nint fgetxattr(int descriptor, string name, byte* value, nuint size);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int fsetxattr(int descriptor, string name, byte* value, nuint size, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int lsetxattr(string path, string name, byte* value, nuint size, int flags);

    /// <summary>The SELinux label of an open file as its file system has it (xattr(7)); null: none, or none can be.</summary>
    internal static unsafe byte[]? TryGetLabel(int descriptor)
    {
        const int MaxLabel = 4096;
        byte* value = stackalloc byte[MaxLabel];
        nint length = fgetxattr(descriptor, SelinuxAttribute, value, MaxLabel);
        return length <= 0 ? null : new ReadOnlySpan<byte>(value, (int)length).ToArray();
    }

    internal static unsafe void SetLabel(int descriptor, ReadOnlySpan<byte> label, string subject)
    {
        fixed (byte* value = label)
        {
            Check(fsetxattr(descriptor, SelinuxAttribute, value, (nuint)label.Length, 0), "fsetxattr", subject);
        }
    }

    /// <summary>A link cannot be opened for this, and no call takes a directory and a name before Linux 6.13.</summary>
    internal static unsafe void SetLinkLabel(int directory, string name, ReadOnlySpan<byte> label, string subject)
    {
        fixed (byte* value = label)
        {
            string path = $"/proc/self/fd/{directory}/{name}";
            Check(lsetxattr(path, SelinuxAttribute, value, (nuint)label.Length, 0), "lsetxattr", subject);
        }
    }
}
