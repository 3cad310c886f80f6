using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Files;

public sealed class SystemRootTests : IDisposable
{
    private const UnixFileMode Mode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Mode640 = Mode600 | UnixFileMode.GroupRead;

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
    public void A_link_on_the_way_that_leads_nowhere_is_an_error(string path, string target)
    {
        _root.WithDirectory("/usr").WithLink("/etc/link", target).WithLink("/etc/inner", "/usr");
        Assert.Throws<IOException>(() => _root.Files.TryRead(path));
    }

    [Fact]
    public void A_link_to_the_outside_leads_nowhere_and_says_so()
    {
        using var outside = new TempRoot();
        outside.With("/secret", "outside");
        _root.WithLink("/etc/passwd", outside.HostPath("/secret"));
        string message = Assert.Throws<IOException>(() => _root.Files.TryRead("/etc/passwd")).Message;
        Assert.Equal(
            $"'/etc/passwd': 'passwd' is a symbolic link to '{outside.HostPath("/secret")}', which is not there below the root",
            message);
    }

    [Theory]
    [InlineData("/lib/udev/rules.d/x", true)]
    [InlineData("/lib/x", true)]
    [InlineData("/etc/os/x", true)]
    [InlineData("/gone/x", false)]
    [InlineData("/deep/x", false)]
    [InlineData("/deep", false)]
    public void What_is_missing_behind_a_link_is_absent_but_not_what_the_link_names(string path, bool isAbsent)
    {
        _root.WithDirectory("/usr/lib").WithLink("/lib", "usr/lib").WithDirectory("/etc").WithLink("/etc/os", "../lib/../")
            .WithLink("/gone", "/nowhere").WithLink("/deep", "/lib/nowhere/in");
        if (isAbsent)
        {
            Assert.Null(_root.Files.TryRead(path));
        }
        else
        {
            Assert.EndsWith("which is not there below the root", Assert.Throws<IOException>(() => _root.Files.TryRead(path)).Message);
        }
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
        string message = Assert.Throws<IOException>(() => _root.Files.TryRead(path, noLinksBelow: "/home/ada")).Message;
        Assert.Equal($"'{path}': '{Path.GetFileName(link)}' is a symbolic link to '{target}', which is not followed here", message);
    }

    [Fact]
    public void The_home_itself_may_be_reached_through_a_link()
    {
        _root.With("/var/home/ada/x", "inside").WithLink("/home", "var/home");
        Assert.Equal("inside", Encoding.Latin1.GetString(_root.Files.TryRead("/home/ada/x", noLinksBelow: "/home/ada")!));
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

    [Fact]
    public void A_new_file_has_the_mode_asked_for_whatever_the_umask()
    {
        Commit(changes => changes.Write("/etc/deep/new", "x"u8.ToArray(), new Ownership(0x1B6)));
        Assert.Equal("x", _root.Read("/etc/deep/new"));
        Assert.Equal((UnixFileMode)0x1B6, File.GetUnixFileMode(_root.HostPath("/etc/deep/new")));
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(_root.HostPath("/etc/deep")));
    }

    [Fact]
    public void An_edited_file_keeps_its_mode_and_leaves_no_temporary()
    {
        _root.With("/etc/shadow", "old", Mode640);
        Commit(changes => changes.Edit("/etc/shadow", "new"u8.ToArray(), new Ownership(0x180)));
        Assert.Equal("new", _root.Read("/etc/shadow"));
        Assert.Equal(Mode640, File.GetUnixFileMode(_root.HostPath("/etc/shadow")));
        Assert.Equal([_root.HostPath("/etc/shadow")], Directory.GetFileSystemEntries(_root.HostPath("/etc")));
    }

    [Fact]
    public void A_link_stays_and_the_file_behind_it_is_replaced()
    {
        _root.With("/data/passwd", "old").WithLink("/etc/passwd", "/data/passwd");
        Commit(changes => changes.Edit("/etc/passwd", "new"u8.ToArray(), new Ownership(0x1A4)));
        Assert.Equal("new", _root.Read("/data/passwd"));
        Assert.Equal("/data/passwd", new FileInfo(_root.HostPath("/etc/passwd")).LinkTarget);
    }

    [Fact]
    public void A_left_over_temporary_of_a_killed_run_does_no_harm()
    {
        _root.With("/etc/x", "old").With("/etc/.x.azprovision", "half", Mode600);
        Commit(changes => changes.Edit("/etc/x", "new"u8.ToArray(), new Ownership(0x1A4)));
        Assert.Equal("new", _root.Read("/etc/x"));
        Assert.False(File.Exists(_root.HostPath("/etc/.x.azprovision")));
    }

    [Fact]
    public void When_one_file_cannot_be_prepared_none_is_touched()
    {
        _root.With("/etc/a", "old").With("/etc/b/file", "");
        Assert.Throws<SyscallException>(() => Commit(changes =>
        {
            changes.Edit("/etc/a", "new"u8.ToArray(), new Ownership(0x1A4));
            changes.Edit("/etc/a/below", "new"u8.ToArray(), new Ownership(0x1A4));
        }));
        Assert.Equal("old", _root.Read("/etc/a"));
        Assert.Equal(["a", "b"], Directory.GetFileSystemEntries(_root.HostPath("/etc")).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("a\n", "a\n", null)]
    [InlineData("a\n", "a\nb\n", "append")]
    [InlineData("a\n", "b\n", "replace")]
    [InlineData(null, "b\n", "create")]
    public void The_plan_says_what_happens_to_a_file(string? before, string after, string? action)
    {
        if (before is not null)
        {
            _root.With("/x", before);
        }

        var changes = new ChangeSet(_root.Files);
        changes.Edit("/x", Encoding.Latin1.GetBytes(after), new Ownership(0x1A4));
        Assert.Equal(action, changes.Changes.SingleOrDefault()?.Action);
    }

    [Fact]
    public void Calls_come_after_the_files_they_are_about()
    {
        var seen = new List<string>();
        Commit(changes =>
        {
            changes.Call("look", () => seen.Add(_root.Read("/x")));
            changes.Write("/x", "new"u8.ToArray(), new Ownership(0x1A4));
        });
        Assert.Equal(["new"], seen);
    }

    private static string ReadBack(TempRoot root, string path) =>
        Encoding.Latin1.GetString(root.Files.TryRead(path) ?? throw new FileNotFoundException(path));

    private void Commit(Action<ChangeSet> plan)
    {
        var changes = new ChangeSet(_root.Files);
        plan(changes);
        _root.Files.Commit(changes.Changes);
    }
}
