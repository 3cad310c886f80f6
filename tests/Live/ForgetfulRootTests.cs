using System;
using System.IO;
using System.Linq;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>A root that is new at each boot, and a state directory that is not.</summary>
public sealed class ForgetfulRootTests : IDisposable
{
    private const string Data = "data/azprovision";

    private readonly ScriptedServer _platform = AzurePlatform.Healthy(new ScriptedServer());
    private readonly Tree _first = Load();
    private readonly Tree _second = Load();

    public ForgetfulRootTests()
    {
        Tool run = Provisioning.Run(_first.Path, _platform, "--state", "/" + Data, "--media", OvfPath);
        Assert.True(run.ExitCode == 0, run.Errors);
        Remember(_first, _second);
    }

    private static string OvfPath => Repository.PathOf("tests/Cases/debian-12-password/ovf-env.xml");

    public void Dispose()
    {
        _platform.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public void It_is_made_the_same_machine_again_without_media_and_platform()
    {
        Tool again = Boot();
        Assert.True(again.ExitCode == 0, again.Errors);
        Assert.Contains("this root is new: it is made VM ", again.Errors);
        Assert.DoesNotContain("$6$", again.Errors, StringComparison.Ordinal);
        Assert.Equal(Kept(_first), Kept(_second));
        Assert.Equal(_first.Read("etc/shadow"), _second.Read("etc/shadow"));   // the hash with its salt
        Assert.Equal("-rw-------", Tool.Run("stat", "-c", "%A", _second.HostPath($"{Data}/record")).Trim());
        Assert.Single(_platform.Requests, request => request.Text.Contains("<State>Ready</State>", StringComparison.Ordinal));

        string[] made = _second.Listing();
        Tool third = Boot();
        Assert.Contains("already provisioned", third.Errors);
        Assert.Equal(made, _second.Listing());
    }

    [Fact]
    public void A_user_who_was_removed_stays_removed()
    {
        RemoveLine(_first, "etc/passwd", "ada:");
        Tool again = Boot(_first);
        Assert.True(again.ExitCode == 0, again.Errors);
        Assert.Contains("already provisioned", again.Errors);
        Assert.DoesNotContain("ada:", _first.Read("etc/passwd"), StringComparison.Ordinal);
    }

    /// <summary>The user is the image's, and so is all of sshd's configuration; there is no sudo.</summary>
    [Fact]
    public void A_root_is_known_where_nothing_else_in_it_is_ours()
    {
        using Tree first = Load();
        using Tree second = Load();
        foreach (Tree tree in (Tree[])[first, second])
        {
            File.Delete(tree.HostPath("etc/sudoers"));
            Directory.Delete(tree.HostPath("etc/sudoers.d"));
        }

        Assert.Equal(0, Boot(first, "--media", OvfPath).ExitCode);
        Remember(first, second);
        Assert.Contains("this root is new", Boot(second).Errors, StringComparison.Ordinal);
        Assert.Equal(Kept(first), Kept(second));

        RemoveLine(second, "etc/passwd", "ada:");
        RemoveLine(second, "etc/shadow", "ada:");
        Assert.Contains("already provisioned", Boot(second).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_cut_short_is_done_at_the_next_boot()
    {
        int killed = 0;
        for (bool isKilled = true; isKilled; killed++)
        {
            using Tree tree = Load();
            Remember(_first, tree);
            Tool run = Tool.Try(
                "strace", ["-qq", "-o", "/dev/null", "-e", $"inject=renameat:signal=KILL:when={killed + 1}", "unshare", "--uts", "--",
                Repository.Binary, "--root", tree.Path, "--state", "/" + Data, "--media", "none", "--imds", "none", "--network", "off",
                "--wireserver", _platform.EndPoint.ToString()]);
            isKilled = run.ExitCode == 137;
            Tool next = Boot(tree);
            Assert.True(next.ExitCode == 0, next.Errors);
            Assert.Equal(Kept(_first), Kept(tree));
        }

        Assert.True(killed > 3, $"killed {killed - 1} times only");
        Assert.Single(_platform.Requests, request => request.Text.Contains("State>", StringComparison.Ordinal));
    }

    /// <summary>The ids are those of a user who was made, in an image of which there is a newer one.</summary>
    [Theory]
    [InlineData("docker:x:1000:\n", "1000:1001", 1001)]   // this group's rights were not given
    [InlineData("ada:x:990:\n", "1000:990", 990)]
    [InlineData("", "1000:1000", 1000)]
    public void A_group_of_another_image_is_not_taken_for_the_users(string line, string ids, int gid)
    {
        using Tree first = Load();
        using Tree second = Load();
        foreach (Tree tree in (Tree[])[first, second])
        {
            foreach (string file in (string[])["passwd", "shadow", "group"])
            {
                RemoveLine(tree, $"etc/{file}", "ada:");
            }
        }

        Assert.Equal(0, Boot(first, "--media", OvfPath).ExitCode);
        Assert.Contains("ada:x:1000:1000:", first.Read("etc/passwd"), StringComparison.Ordinal);
        Remember(first, second);
        File.AppendAllText(second.HostPath("etc/group"), line);
        Tool again = Boot(second);
        Assert.True(again.ExitCode == 0, again.Errors);
        Assert.Contains($"ada:x:{ids}:", second.Read("etc/passwd"), StringComparison.Ordinal);
        Assert.Equal($"ada:x:{gid}:", Assert.Single(
            File.ReadLines(second.HostPath("etc/group")), group => group.StartsWith("ada:", StringComparison.Ordinal)));
    }

    /// <summary>Somebody without rights could have put it there, and name himself.</summary>
    [Theory]
    [InlineData("chown", "1000")]
    [InlineData("chmod", "0620")]
    public void A_record_that_others_may_have_written_is_none(string tool, string to)
    {
        Tool.Run(tool, to, _second.HostPath($"{Data}/record"));
        Tool again = Boot("--media", OvfPath);
        Assert.True(again.ExitCode == 0, again.Errors);
        Assert.Contains("others than root may have written it", again.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("this root is new", again.Errors, StringComparison.Ordinal);
    }

    /// <summary>The platform was told that it is well, at its first boot.</summary>
    [Fact]
    public void A_root_that_cannot_be_made_again_is_not_reported()
    {
        Directory.Delete(_second.HostPath("etc/ssh"), recursive: true);
        File.WriteAllText(_second.HostPath("etc/passwd"), "ada:x:1:1::/:/bin/sh\n");   // a system account
        Tool again = Boot();
        Assert.Equal(31, again.ExitCode);
        Assert.Single(_platform.Requests, request => request.Text.Contains("State>", StringComparison.Ordinal));
    }

    [Fact]
    public void The_azure_linux_agent_finds_its_files_again()
    {
        Assert.Equal(0, Boot("--waagent-files").ExitCode);
        Assert.Equal("d4c3b2a1-f6e5-1807-293a-4b5c6d7e8f90", _second.Read("var/lib/waagent/provisioned"));
        Assert.True(File.Exists(_second.HostPath("var/lib/waagent/disable_agent")));
    }

    [Theory]
    [InlineData("version 1", "version 9", "version '9' is not 1")]
    [InlineData("\nend\n", "\n", "the line 'end' is missing")]
    [InlineData("vm-id d4c3b2a1-", "vm-id 99999999-", "")]   // the disk was another machine's meanwhile
    public void With_a_record_that_is_none_of_this_machine_all_is_done_as_at_the_first_boot(string good, string bad, string message)
    {
        string record = _second.HostPath($"{Data}/record");
        File.WriteAllText(record, File.ReadAllText(record).Replace(good, bad, StringComparison.Ordinal));
        Tool again = Boot("--media", OvfPath);
        Assert.True(again.ExitCode == 0, again.Errors);
        Assert.Contains(message, again.Errors);
        Assert.Equal(2, _platform.Requests.Count(request => request.Text.Contains("<State>Ready</State>", StringComparison.Ordinal)));
        Assert.Contains("ada:", _second.Read("etc/passwd"), StringComparison.Ordinal);

        // Where the root holds what was made of it, a damaged record is no reason to begin anew.
        File.WriteAllText(record, "");
        Assert.Contains("already provisioned", Boot().Errors);
    }

    [Fact]
    public void A_record_that_is_no_file_is_no_bug()
    {
        File.Delete(_first.HostPath($"{Data}/record"));
        Directory.CreateDirectory(_first.HostPath($"{Data}/record"));
        Tool again = Boot(_first);
        Assert.True(again.ExitCode == 0, again.Errors);
        Assert.Contains("record' is not a regular file", again.Errors);
        Assert.Contains("already provisioned", again.Errors);
    }

    private Tool Boot(params string[] arguments) => Boot(_second, arguments);

    private static void Remember(Tree from, Tree to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to.HostPath(Data))!);
        Tool.Run("cp", "-a", from.HostPath(Data), to.HostPath(Data));
    }

    private static void RemoveLine(Tree tree, string file, string start)
    {
        string path = tree.HostPath(file);
        File.WriteAllLines(path, File.ReadAllLines(path).Where(line => !line.StartsWith(start, StringComparison.Ordinal)));
    }

    private Tool Boot(Tree root, params string[] arguments) => Provisioning.Run(
        root.Path, _platform, ["--state", "/" + Data, .. arguments.Contains("--media") ? [] : (string[])["--media", "none"], .. arguments]);

    private static Tree Load()
    {
        string directory = Repository.PathOf("tests/Cases/debian-12-password");
        var tree = new Tree();
        tree.Load(Path.Combine(directory, "before"), Path.Combine(directory, "before.list"));
        return tree;
    }

    // All but what is only kept once: custom data and the copies of the account files.
    private static string[] Kept(Tree tree) =>
        [.. tree.Contents().Where(file => !file.Key.StartsWith("data/", StringComparison.Ordinal)).Select(file => $"{file}")];
}
