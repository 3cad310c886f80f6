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

    /// <summary>Killed or refused at the n-th of the calls that change something, for every n.</summary>
    [Theory]
    [InlineData("renameat", "signal=KILL")]
    [InlineData("renameat", "error=EIO")]
    [InlineData("unlinkat", "signal=KILL")]
    [InlineData("unlinkat", "error=EBUSY")]
    public void A_clean_that_is_cut_short_anywhere_is_completed_by_the_next_one(string call, string fault)
    {
        const string Sshd = "Port 22\nPasswordAuthentication yes\n";
        using Tree provisioned = Load();
        File.WriteAllText(provisioned.HostPath("etc/ssh/sshd_config"), Sshd);
        Provision(provisioned);
        Assert.Contains("\nPasswordAuthentication no\n", provisioned.Read("etc/ssh/sshd_config"));
        using var undisturbed = new Tree();
        undisturbed.CopyFrom(provisioned);
        string[] calls = Trace(undisturbed, call);
        Assert.Equal(Sshd, undisturbed.Read("etc/ssh/sshd_config"));
        Assert.Empty(Directory.GetFileSystemEntries(undisturbed.HostPath("home")));
        Assert.InRange(calls.Length, 8, 40);
        for (int n = 1; n <= calls.Length; n++)
        {
            using var tree = new Tree();
            tree.CopyFrom(provisioned);
            Trace(tree, call, "-e", $"inject={call}:{fault}:when={n}");
            Tool second = Clean(tree, "--user", "--force");
            Assert.True(second.ExitCode == 0, $"{call} {n}: {second.Errors}");
            Assert.Equal(undisturbed.Listing(), tree.Listing());
            Assert.Equal(undisturbed.Contents(), tree.Contents());
        }
    }

    [Fact]
    public void What_a_run_that_was_killed_has_left_goes_and_nothing_of_a_like_name()
    {
        using Tree tree = Load();
        File.WriteAllText(tree.HostPath("etc/x.azprovision"), "somebody's");
        string[] before = tree.Listing();
        Tool.Try(
            "unshare", "--uts", "--", "strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=renameat:signal=KILL:when=1",
            Repository.Binary, "--root", tree.Path, "--network", "off", "--imds", "none", "--skip", "report",
            "--media", $"{s_case}/ovf-env.xml");
        Assert.Contains(tree.Listing(), line => line.EndsWith(" etc/.shadow.azprovision", StringComparison.Ordinal));
        Tool run = Clean(tree, "--force");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.DoesNotContain(
            tree.Listing().Except(before), line => line.EndsWith(".azprovision", StringComparison.Ordinal) && !line.Contains(" home/"));
        Assert.Equal("somebody's", tree.Read("etc/x.azprovision"));
    }

    [Theory]
    [InlineData("/data", "'/data' stays: 'db' in it is not azprovision's")]
    [InlineData("/etc", "'/etc' stays: ")]
    public void What_is_somebody_elses_in_the_state_directory_stays_as_it_is(string state, string message)
    {
        using Tree tree = Load();
        Directory.CreateDirectory(tree.HostPath("data/db"));
        Directory.CreateDirectory(tree.HostPath("data/user-data"));
        File.WriteAllText(tree.HostPath("data/db/file"), "data");
        Tool.Run("chmod", "0751", tree.HostPath("data"));
        string[] before = tree.Listing();
        Provision(tree, "--state", state);
        Assert.Contains("0751 0:0 d data", tree.Listing());
        Directory.CreateDirectory(tree.HostPath($"{state}/ssh"));
        File.WriteAllText(tree.HostPath($"{state}/ssh/ssh_host_rsa_key"), "kept");
        Tool run = Clean(tree, "--state", state, "--user", "--force");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains(message, run.Errors);
        string[] after = tree.Listing();
        Assert.Empty(before.Except(after));
        Assert.DoesNotContain(
            after.Except(before), line => !line.EndsWith('-') && !line.EndsWith(" etc/.pwd.lock", StringComparison.Ordinal));
    }

    [Fact]
    public void A_state_directory_that_is_mounted_is_emptied_and_stays()
    {
        using Tree tree = Load();
        string state = tree.HostPath("data");
        Directory.CreateDirectory(state);
        Provision(tree, "--state", "/data");
        string script = "mount --bind \"$1\" \"$1\" && exec \"$2\" clean --root \"$3\" --state /data --force";
        Tool run = Tool.Try("unshare", "--mount", "--uts", "sh", "-c", script, "sh", state, Repository.Binary, tree.Path);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("remove the state directory: ", run.Errors);
        Assert.Empty(Directory.GetFileSystemEntries(state));
    }

    [Fact]
    public void A_link_to_the_state_directory_leads_to_it()
    {
        using Tree tree = Load();
        Directory.CreateDirectory(tree.HostPath("data"));
        Directory.CreateDirectory(tree.HostPath("var/lib"));
        File.CreateSymbolicLink(tree.HostPath("var/lib/azprovision"), "/data/state");
        Provision(tree);
        Assert.True(File.Exists(tree.HostPath("data/state/record")));
        Assert.Equal(0, Clean(tree, "--force").ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(tree.HostPath("data")));
    }

    [Fact]
    public void Host_keys_go_wherever_they_are_named()
    {
        using Tree tree = Load();
        File.AppendAllText(tree.HostPath("etc/ssh/sshd_config"), "HostKey /etc/keys/none\nHostKey /etc/ssh/other_key\n");
        string[] before = tree.Listing();
        foreach (string file in (string[])["other_key", "other_key.pub", "other_key-cert.pub", "ssh_host_rsa_key-cert.pub"])
        {
            File.WriteAllText(tree.HostPath($"etc/ssh/{file}"), "key");
        }

        Tool run = Clean(tree, "--force");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("sshd_config names no SSH host key that 'ssh-keygen -A' makes", run.Errors);
        Assert.Equal(before, tree.Listing());
    }

    [Fact]
    public void Whoever_is_not_root_is_shown_what_may_be_read()
    {
        using Tree tree = Load();
        Tool.Run("chmod", "755", tree.Path);
        string[] asNobody = ["--reuid", "65534", "--clear-groups", "--", Repository.Binary];
        Tool fresh = Tool.Try("setpriv", [.. asNobody, "clean", "--root", tree.Path, "--dry-run"]);
        Assert.True(fresh.ExitCode == 0, fresh.Errors);
        Assert.Contains("not run by root", fresh.Errors);
        Assert.Equal(Clean(tree, "--dry-run").Output, fresh.Output);

        Provision(tree);
        Tool run = Tool.Try("setpriv", [.. asNobody, "clean", "--root", tree.Path, "--dry-run", "--user"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("only root can tell which user goes", run.Errors);
        Assert.Contains("remove /etc/ssh/sshd_config.d/00-azprovision.conf\n", run.Output);
        Assert.DoesNotContain("sudoers\n", run.Output);
        Tool plan = Tool.Try(
            "setpriv",
            [.. asNobody, "--root", tree.Path, "--dry-run", "--run-custom-data", "--waagent-files", "--media", $"{s_case}/ovf-env.xml"]);
        Assert.True(plan.ExitCode == 0, plan.Errors);
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

    private static void Provision(Tree tree, params string[] arguments)
    {
        Tool run = Provisioning.Run(tree.Path, ["--media", Path.Combine(s_case, "ovf-env.xml"), "--skip", "report", .. arguments]);
        Assert.True(run.ExitCode == 0, run.Errors);
    }

    /// <summary>The lines of strace(1) with these calls.</summary>
    private static string[] Trace(Tree tree, string call, params string[] faults)
    {
        string trace = tree.Path + ".trace";
        Tool.Try(
            "unshare",
            [
                "--uts", "--", "strace", "-f", "-qq", "-o", trace, "-e", $"trace={call}", .. faults,
                Repository.Binary, "clean", "--root", tree.Path, "--user", "--force",
            ]);
        string[] lines = File.ReadAllLines(trace);
        File.Delete(trace);
        return [.. lines.Where(line => line.Contains($" {call}(", StringComparison.Ordinal))];
    }

    private static Tool Clean(Tree tree, params string[] arguments) => Start("clean", tree, arguments);

    private static Tool Check(Tree tree, params string[] arguments) => Start("check", tree, arguments);

    private static Tool Start(string command, Tree tree, string[] arguments) => Tool.Try(
        "unshare",
        ["-mun", "--", Repository.Binary, command, "--root", tree.Path, "--imds", "none", "--wireserver", "127.0.0.1", .. arguments]);
}
