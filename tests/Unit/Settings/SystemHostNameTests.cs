using System;
using Azprovision.Settings;
using Azprovision.Spec;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Settings;

public sealed class SystemHostNameTests : IDisposable
{
    private readonly TempRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("/etc/HOSTNAME", "old\n", "heron\n")]
    [InlineData("/etc/conf.d/hostname", "# c\nhostname=\"localhost\"\n", "# c\nhostname=\"heron\"\n")]
    [InlineData("/etc/sysconfig/network", "NETWORKING=yes\nHOSTNAME=old.example\nX=\xe9", "NETWORKING=yes\nHOSTNAME=heron\nX=\xe9")]
    [InlineData("/etc/sysconfig/network", "NETWORKING=yes\n", "NETWORKING=yes\n")]
    public void The_file_of_the_distribution_follows_when_it_names_the_host(string path, string before, string after)
    {
        _root.With(path, before);
        Apply();
        Assert.Equal(after, _root.Read(path));
        Assert.Equal("heron\n", _root.Read("/etc/hostname"));
    }

    [Fact]
    public void Files_of_other_distributions_are_not_made()
    {
        Apply();
        Assert.Equal(["hostname"], _root.Files.NamesIn("/etc"));
    }

    // The call changes the kernel's name and so is left to the tests that run in a namespace of their own.
    private void Apply()
    {
        var planned = new Planned(_root);
        SystemHostName.Plan(planned.Root, HostName.Parse("heron"));
        planned.Apply();
    }
}
