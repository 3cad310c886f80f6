using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Spec;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Files;

public sealed class CommitTests : IDisposable
{
    private const UnixFileMode Mode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Mode640 = Mode600 | UnixFileMode.GroupRead;

    private readonly TempRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_new_file_has_the_mode_asked_for_whatever_the_umask()
    {
        Commit(root => root.Write("/etc/deep/new", "x"u8.ToArray(), new Ownership(0x1B6)));
        Assert.Equal("x", _root.Read("/etc/deep/new"));
        Assert.Equal((UnixFileMode)0x1B6, File.GetUnixFileMode(_root.HostPath("/etc/deep/new")));
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(_root.HostPath("/etc/deep")));
    }

    [Fact]
    public void What_was_written_is_wiped_from_memory()
    {
        byte[] key = [.. "a private key"u8];
        Commit(root => root.Write("/etc/key", key, new Ownership(0x180)));
        Assert.Equal("a private key", _root.Read("/etc/key"));
        Assert.Equal(new byte[key.Length], key);
    }

    [Fact]
    public void An_edited_file_keeps_its_mode_and_leaves_no_temporary()
    {
        _root.With("/etc/shadow", "old", Mode640);
        Commit(root => root.Edit("/etc/shadow", "new"u8.ToArray(), new Ownership(0x180)));
        Assert.Equal("new", _root.Read("/etc/shadow"));
        Assert.Equal(Mode640, File.GetUnixFileMode(_root.HostPath("/etc/shadow")));
        Assert.Equal([_root.HostPath("/etc/shadow")], Directory.GetFileSystemEntries(_root.HostPath("/etc")));
    }

    [Fact]
    public void A_link_stays_and_the_file_behind_it_is_replaced()
    {
        _root.With("/data/passwd", "old").WithLink("/etc/passwd", "/data/passwd");
        Commit(root => root.Edit("/etc/passwd", "new"u8.ToArray(), new Ownership(0x1A4)));
        Assert.Equal("new", _root.Read("/data/passwd"));
        Assert.Equal("/data/passwd", new FileInfo(_root.HostPath("/etc/passwd")).LinkTarget);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("older")]
    [InlineData("older", "half")]
    public void The_old_file_is_kept_under_another_name_with_all_that_it_has(string? before, string? leftOver = null)
    {
        _root.With("/etc/passwd", "old", Mode640);
        if (before is not null)
        {
            _root.With("/etc/passwd-", before);
        }

        if (leftOver is not null)
        {
            _root.With("/etc/.passwd-.azprovision", leftOver);   // no second name can be made there, so it is a copy
        }

        ulong inode = _root.Files.TryStatus("/etc/passwd")!.Value.Inode;
        Commit(root =>
        {
            root.Keep("/etc/passwd", "/etc/passwd-", "old"u8.ToArray());
            root.Edit("/etc/passwd", "new"u8.ToArray(), new Ownership(0x1A4));
        });
        Assert.Equal("new", _root.Read("/etc/passwd"));
        Assert.Equal("old", _root.Read("/etc/passwd-"));
        Assert.Equal(leftOver is null, _root.Files.TryStatus("/etc/passwd-")!.Value.Inode == inode);
        Assert.Equal(Mode640, File.GetUnixFileMode(_root.HostPath("/etc/passwd-")));
        Assert.Equal(["passwd", "passwd-"], Directory.GetFileSystemEntries(_root.HostPath("/etc")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_left_over_temporary_of_a_killed_run_does_no_harm()
    {
        _root.With("/etc/x", "old").With("/etc/.x.azprovision", "half", Mode600);
        Commit(root => root.Edit("/etc/x", "new"u8.ToArray(), new Ownership(0x1A4)));
        Assert.Equal("new", _root.Read("/etc/x"));
        Assert.False(File.Exists(_root.HostPath("/etc/.x.azprovision")));
    }

    [Fact]
    public void When_one_file_cannot_be_prepared_none_is_touched()
    {
        _root.With("/etc/a", "old").With("/etc/b/file", "");
        Assert.Throws<SyscallException>(() => Commit(root =>
        {
            root.Edit("/etc/a", "new"u8.ToArray(), new Ownership(0x1A4));
            root.Edit("/etc/a/below", "new"u8.ToArray(), new Ownership(0x1A4));
        }));
        Assert.Equal("old", _root.Read("/etc/a"));
        Assert.Equal(["a", "b"], Directory.GetFileSystemEntries(_root.HostPath("/etc")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_nicety_that_fails_half_way_leaves_the_old_file_and_the_others_go_on()
    {
        _root.With("/skeleton", "new").With("/etc/nicety", "old");
        var warnings = new List<string>();
        using var root = new PlannedRoot(_root.Files) { Warn = warnings.Add, Step = new Step("step", Failure.SystemFiles) };
        root.Try(() => root.Copy("/skeleton", "/etc/nicety", new Ownership(0x1A4)));
        root.Write("/etc/other", "new"u8.ToArray(), new Ownership(0x1A4));
        File.Delete(_root.HostPath("/skeleton"));
        Azprovision.Files.Commit.Run(root);
        Assert.Equal(["step: open '/skeleton': No such file or directory, ignoring"], warnings);
        Assert.Equal(["nicety", "other"], _root.Files.NamesIn("/etc"));
        Assert.Equal("old", _root.Read("/etc/nicety"));
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

        using var root = new PlannedRoot(_root.Files);
        root.Edit("/x", Encoding.Latin1.GetBytes(after), new Ownership(0x1A4));
        Assert.Equal(action, root.Changes.SingleOrDefault()?.Action);
    }

    [Fact]
    public void Calls_come_after_the_files_they_are_about()
    {
        var seen = new List<string>();
        Commit(root =>
        {
            root.Call("look", () => seen.Add(_root.Read("/x")));
            root.Write("/x", "new"u8.ToArray(), new Ownership(0x1A4));
        });
        Assert.Equal(["new"], seen);
    }

    private void Commit(Action<PlannedRoot> plan)
    {
        using var root = new PlannedRoot(_root.Files);
        plan(root);
        Azprovision.Files.Commit.Run(root);
    }
}
