using System;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Files;

public sealed class SystemRootTests : IDisposable
{

    private readonly TempRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_file_is_read_as_it_is() => Assert.Equal("a\n", ReadBack(_root.With("/etc/x", "a\n"), "/etc/x"));

    [Theory]
    [InlineData("/etc/none")]
    [InlineData("/none/x")]
    public void What_is_not_there_is_null(string path) => Assert.Null(_root.WithDirectory("/etc").Files.TryRead(path));

    [Theory]
    [InlineData("target")]
    [InlineData("/etc/target")]
    [InlineData("../etc/target")]
    [InlineData("../../../../etc/target")]
    [InlineData("/../etc/./target")]
    public void A_link_is_resolved_as_if_the_root_were_the_top(string target)
    {
        _root.With("/etc/target", "inside").WithLink("/etc/link", target);
        Assert.Equal("inside", ReadBack(_root, "/etc/link"));
    }

    [Fact]
    public void A_link_on_the_way_is_resolved_inside_the_root()
    {
        _root.With("/var/home/ada/x", "inside").WithLink("/home", "/var/home");
        Assert.Equal("inside", ReadBack(_root, "/home/ada/x"));
    }

    [Theory]
    [InlineData("/lib/none")]
    [InlineData("/lib/none/x")]
    public void What_is_not_there_behind_a_link_that_leads_somewhere_is_null(string path)
    {
        _root.WithDirectory("/usr/lib").WithLink("/lib", "usr/lib");
        Assert.Null(_root.Files.TryRead(path));
    }

    [Theory]
    [InlineData("/etc/link/x", "none")]
    [InlineData("/etc/link/x", "/etc/inner/none")]
    [InlineData("/etc/link", "none")]
    public void A_link_that_leads_nowhere_is_absent_to_a_reader(string path, string target)
    {
        _root.WithDirectory("/usr").WithLink("/etc/link", target).WithLink("/etc/inner", "/usr");
        Assert.Null(_root.Files.TryRead(path));
        Assert.Null(new PlannedRoot(_root.Files).TryRead(path));
    }

    [Fact]
    public void A_link_to_the_outside_leads_nowhere_and_a_writer_is_told()
    {
        using var outside = new TempRoot();
        outside.With("/secret", "outside");
        _root.WithLink("/etc/passwd", outside.HostPath("/secret"));
        Assert.Null(_root.Files.TryRead("/etc/passwd"));
        using var planned = new PlannedRoot(_root.Files);
        string message = Assert.Throws<IOException>(() => planned.Edit("/etc/passwd", [], default)).Message;
        Assert.Equal(
            $"'/etc/passwd': 'passwd' is a symbolic link to '{outside.HostPath("/secret")}', which is not there below the root",
            message);
    }

    [Fact]
    public void A_ring_of_links_ends()
    {
        _root.WithLink("/a", "/b").WithLink("/b", "/a");
        Assert.Equal(Errno.ELOOP, Assert.Throws<SyscallException>(() => _root.Files.TryRead("/a")).Errno);
    }

    [Theory]
    [InlineData("/home/ada/.ssh", "/tmp", "/home/ada/.ssh/authorized_keys")]
    [InlineData("/home/ada/.ssh/authorized_keys", "/etc/x", "/home/ada/.ssh/authorized_keys")]
    public void Below_a_home_no_link_is_followed(string link, string target, string path)
    {
        _root.With("/etc/x", "x").WithDirectory("/tmp").WithDirectory("/home/ada").WithLink(link, target);
        string message = Assert.Throws<IOException>(() => new PlannedRoot(_root.Files).TryRead(path, noLinksBelow: "/home/ada")).Message;
        Assert.Equal($"'{path}': '{Path.GetFileName(link)}' is a symbolic link to '{target}', which is not followed here", message);
    }

    [Fact]
    public void The_home_itself_may_be_reached_through_a_link()
    {
        _root.With("/var/home/ada/x", "inside").WithLink("/home", "var/home");
        Assert.Equal("inside", Encoding.Latin1.GetString(new PlannedRoot(_root.Files).TryRead("/home/ada/x", noLinksBelow: "/home/ada")!));
    }

    [Fact]
    public void A_file_over_the_limit_is_refused_with_its_size()
    {
        _root.With("/big", new string('x', 11));
        Assert.Equal(
            "'/big' has 11 bytes, at most 10 are read",
            Assert.Throws<InvalidDataException>(() => _root.Files.TryRead("/big", 10)).Message);
    }

    [Fact]
    public void A_file_that_hides_its_size_is_read_to_its_end()
    {
        using SystemRoot kernel = SystemRoot.Open("/");
        Assert.Equal(File.ReadAllBytes("/proc/cmdline"), kernel.TryRead("/proc/cmdline"));
    }

    private static string ReadBack(TempRoot root, string path) =>
        Encoding.Latin1.GetString(root.Files.TryRead(path) ?? throw new FileNotFoundException(path));
}
