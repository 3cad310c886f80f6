using System;
using System.IO;
using System.Linq;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>check and clean on roots of golden cases.</summary>
public class CleanTests
{
    private static readonly string s_case = Repository.PathOf("tests/Cases/debian-12-key");

    [Fact]
    public void A_machine_becomes_an_image_again_and_that_a_machine()
    {
        using Tree tree = Load();
        string[] before = tree.Listing();
        Provision(tree);
        string[] provisioned = tree.Listing();
        string passwd = tree.Read("etc/passwd");
        string user = tree.Read("var/lib/azprovision/record").Split("\nuser ")[1].Split('\n')[0];
        File.WriteAllText(tree.HostPath("etc/ssh/ssh_host_rsa_key"), "secret");
        Directory.CreateDirectory(tree.HostPath($"home/{user}/.cache/deep"));
        File.CreateSymbolicLink(tree.HostPath($"home/{user}/.cache/link"), "/etc");

        Tool rehearsal = Clean(tree, "--user", "--dry-run");
        Assert.Equal(0, rehearsal.ExitCode);
        Assert.Contains($"remove /home/{user}/\n", rehearsal.Output);
        Assert.DoesNotContain("deep", rehearsal.Output);
        Assert.Equal("secret", tree.Read("etc/ssh/ssh_host_rsa_key"));

        File.WriteAllText(tree.HostPath("etc/azprovision.conf"), "force = yes\n");
        Tool unasked = Clean(tree, "--user");
        Assert.Equal(2, unasked.ExitCode);
        Assert.Contains("there is no terminal to ask on, see --force", unasked.Errors);
        File.Delete(tree.HostPath("etc/azprovision.conf"));
        Assert.Equal("secret", tree.Read("etc/ssh/ssh_host_rsa_key"));

        Tool run = Clean(tree, "--user", "--force");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal("localhost\n", tree.Read("etc/hostname"));
        string[] cleaned = tree.Listing();
        string[] left = [.. cleaned.Except(before).Where(line => !line.EndsWith('-'))];
        Assert.DoesNotContain(left, line => line.Contains("azprovision", StringComparison.Ordinal)
            || line.Contains(user, StringComparison.Ordinal) || line.Contains("ssh_host", StringComparison.Ordinal));
        Assert.True(Directory.Exists(tree.HostPath("etc/ssh")));
        foreach (string file in (string[])["passwd", "shadow", "group", "gshadow", "subuid", "subgid"])
        {
            foreach (string path in (string[])[$"etc/{file}", $"etc/{file}-"])
            {
                Assert.False(File.Exists(tree.HostPath(path)) && tree.Read(path).Contains(user, StringComparison.Ordinal), path);
            }
        }

        Assert.Equal("there is nothing to clean\n", Clean(tree, "--force").Output);
        Provision(tree);
        Assert.Equal(passwd, tree.Read("etc/passwd"));
        Assert.Equal(provisioned, tree.Listing());
    }

    [Fact]
    public void A_user_of_the_image_stays()
    {
        using Tree tree = Load();
        Provision(tree);
        string record = tree.Read("var/lib/azprovision/record");
        Assert.Contains("\nmade-user yes\n", record);
        File.WriteAllText(
            tree.HostPath("var/lib/azprovision/record"), record.Replace("made-user yes", "made-user no", StringComparison.Ordinal));
        string passwd = tree.Read("etc/passwd");
        Tool run = Clean(tree, "--user", "--force");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("no user of this root was made by azprovision", run.Errors);
        Assert.Equal(passwd, tree.Read("etc/passwd"));
    }

    [Fact]
    public void Check_changes_nothing_and_fails_where_an_error_is_found()
    {
        using Tree tree = Load();
        string[] before = tree.Listing();
        Tool run = Provisioning.Run(tree.Path, "check");
        Assert.Equal(2, run.ExitCode);   // a command comes first
        run = Check(tree);
        Assert.Contains("warning", run.Output);
        File.WriteAllText(tree.HostPath("etc/fstab"), "");
        Directory.CreateDirectory(tree.HostPath("lib/modules/6.1"));
        File.WriteAllText(tree.HostPath("lib/modules/6.1/modules.builtin"), "kernel/drivers/hv/hv_vmbus.ko\n");
        run = Check(tree);
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("kernel 6.1 has no hv_netvsc", run.Output);
        Assert.DoesNotContain("kernel 6.1 has no hv_vmbus", run.Output);
        Assert.Equal("6.1", System.Text.Json.JsonDocument.Parse(Check(tree, "--json").Output)
            .RootElement.GetProperty("findings")[0].GetProperty("what").GetString());
        Assert.Empty(before.Except(tree.Listing()));
    }

    private static Tree Load()
    {
        var tree = new Tree();
        tree.Load(Path.Combine(s_case, "before"), Path.Combine(s_case, "before.list"));
        return tree;
    }

    private static void Provision(Tree tree)
    {
        Tool run = Provisioning.Run(tree.Path, "--media", Path.Combine(s_case, "ovf-env.xml"), "--skip", "report");
        Assert.True(run.ExitCode == 0, run.Errors);
    }

    private static Tool Clean(Tree tree, params string[] arguments) => Start("clean", tree, arguments);

    private static Tool Check(Tree tree, params string[] arguments) => Start("check", tree, arguments);

    private static Tool Start(string command, Tree tree, string[] arguments) => Tool.Try(
        "unshare",
        ["-mun", "--", Repository.Binary, command, "--root", tree.Path, "--imds", "none", "--wireserver", "127.0.0.1", .. arguments]);
}
