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

    [Theory]
    [InlineData("127.0.0.1 localhost\n127.0.1.1 image\n", "127.0.0.1 localhost\n127.0.1.1 heron\n")]
    [InlineData("127.0.1.1\timage.example  image # image\r\n", "127.0.1.1\theron.example  heron # image\r\n")]
    [InlineData("127.0.1.1 images imag\n127.0.0.1 image\n#127.0.1.1 image", "127.0.1.1 images imag\n127.0.0.1 image\n#127.0.1.1 image")]
    [InlineData("127.0.1.1\n\xe9\n", "127.0.1.1\n\xe9\n")]
    public void The_old_name_on_Debians_address_for_it_is_replaced(string before, string after)
    {
        _root.With("/etc/hostname", "image\n").With("/etc/hosts", before);
        Apply();
        Assert.Equal(after, _root.Read("/etc/hosts"));
        Apply();
        Assert.Equal(after, _root.Read("/etc/hosts"));
    }

    [Fact]
    public void A_comment_in_the_old_file_is_not_the_old_name()
    {
        _root.With("/etc/hostname", "# made by hand\nimage\n").With("/etc/hosts", "127.0.1.1 image\n");
        Apply();
        Assert.Equal("127.0.1.1 heron\n", _root.Read("/etc/hosts"));
    }

    [Fact]
    public void A_name_with_a_domain_keeps_its_short_form()
    {
        _root.With("/etc/hostname", "image\n").With("/etc/hosts", "127.0.1.1 image.example image\n");
        Apply("heron.example.com");
        Assert.Equal("127.0.1.1 heron.example.com heron\n", _root.Read("/etc/hosts"));
    }

    [Fact]
    public void A_link_to_what_somebody_makes_at_each_boot_is_left_with_a_warning()
    {
        _root.WithLink("/etc/hostname", "../run/hostname").WithDirectory("/etc/sysconfig/network").WithDirectory("/etc/conf.d/hostname");
        var planned = new Planned(_root);
        SystemHostName.Plan(planned.Root, HostName.Parse("heron"));
        Assert.Equal(
            "'/etc/hostname': 'hostname' is a symbolic link to '../run/hostname', which is not there below the root, ignoring",
            planned.Warnings);
        Assert.DoesNotContain(planned.Lines(), line => line.Contains("/etc/", StringComparison.Ordinal));
    }

    // The call changes the kernel's name and so is left to the tests that run in a namespace of their own.
    private void Apply(string name = "heron")
    {
        var planned = new Planned(_root);
        SystemHostName.Plan(planned.Root, HostName.Parse(name));
        planned.Apply();
    }
}
