using System;
using System.IO;
using Azprovision.Accounts;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Accounts;

public sealed class AccountLockTests : IDisposable
{
    private readonly TempRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void It_is_there_for_one_at_a_time_and_again_once_given_back()
    {
        Take(TimeSpan.Zero).Dispose();
        using (Take(TimeSpan.Zero))
        {
            TimeoutException e = Assert.Throws<TimeoutException>(() => Take(TimeSpan.FromMilliseconds(10)));
            Assert.Equal("'/etc/.pwd.lock' is locked by another program", e.Message);
        }

        Take(TimeSpan.Zero).Dispose();
    }

    [Fact]
    public void Its_file_is_for_root_alone()
    {
        Take(TimeSpan.Zero).Dispose();
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_root.HostPath("/etc/.pwd.lock")));
    }

    private Descriptor Take(TimeSpan patience) =>
        AccountLock.Take(_root.Files, Deadline.After(patience, TimeProvider.System));
}
