using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>A plan is complete before anything is touched, tells all that it will do, and costs what it is worth.</summary>
public sealed class PlanTests : IDisposable
{
    private readonly ScriptedServer _platform = AzurePlatform.Healthy(new ScriptedServer());

    public void Dispose() => _platform.Dispose();

    [Theory]
    [MemberData(nameof(CaseTests.Cases), MemberType = typeof(CaseTests))]
    public void A_dry_run_lists_what_a_run_then_does(string name)
    {
        string directory = Path.Combine(Repository.PathOf("tests/Cases"), name);
        using var tree = new Tree();
        tree.Load(Path.Combine(directory, "before"), Path.Combine(directory, "before.list"));
        SortedDictionary<string, string> before = State(tree);
        string[] arguments = Arguments(directory);

        Tool rehearsal = Provisioning.Run(tree.Path, _platform, [.. arguments, "--dry-run"]);
        Assert.True(rehearsal.ExitCode == 0, rehearsal.Errors);
        Assert.Equal(before, State(tree));
        Tool run = Provisioning.Run(tree.Path, _platform, arguments);
        Assert.True(run.ExitCode == 0, run.Errors);

        using JsonDocument plan = JsonDocument.Parse(rehearsal.Output);
        string[] planned = plan.RootElement.GetProperty("changes").EnumerateArray()
            .Select(change => (Path: change.GetProperty("path").GetString()!, Action: change.GetProperty("action").GetString()!))
            .Where(change => change.Action != "call")
            .Select(change => $"{(change.Action == "append" ? "replace" : change.Action)} {(change.Action == "create" ? change.Path.TrimStart('/') : Resolved(tree, change.Path))}")
            .Select(WithoutId)
            .Order(StringComparer.Ordinal)
            .ToArray();
        Assert.Equal(Differences(before, State(tree)), planned);
    }

    [Theory]
    [InlineData("true", 31)]
    [InlineData("mount -t tmpfs none $0/home", 0)]
    public void A_home_that_is_mounted_over_later_is_refused_unless_that_is_there(string before, int code)
    {
        using var tree = new Tree();
        string directory = Repository.PathOf("tests/Cases/debian-12-key");
        tree.Load(Path.Combine(directory, "before"), Path.Combine(directory, "before.list"));
        File.WriteAllText(tree.HostPath("etc/fstab"), "UUID=1 / ext4 defaults 0 1\nUUID=2 /home ext4 defaults 0 2\n");
        string passwd = File.ReadAllText(tree.HostPath("etc/passwd"));
        Tool run = Tool.Try(
            "unshare", ["-mun", "--", "sh", "-c", $"{before} && shift 0 && exec \"$@\"", tree.Path,
                Repository.Binary, "--root", tree.Path, "--network", "off", "--imds", "none", "--skip", "report",
                "--media", Path.Combine(directory, "ovf-env.xml")]);
        Assert.True(code == run.ExitCode, run.Errors);
        Assert.Equal(code != 0, run.Errors.Contains("'/etc/fstab' mounts '/home' over the home directory", StringComparison.Ordinal));
        Assert.Equal(code != 0, File.ReadAllText(tree.HostPath("etc/passwd")) == passwd);
    }

    [Theory]
    [InlineData("etc/group", 37, "'/etc/group' is not a regular file")]
    [InlineData("etc/shadow", 37, "'/etc/shadow' is not a regular file")]
    [InlineData("var/lib/azprovision", 36, "mkdir '/var/lib/azprovision': File exists")]
    public void A_step_that_cannot_be_planned_leaves_all_as_it_was(string damaged, int code, string message)
    {
        using var tree = new Tree();
        string directory = Repository.PathOf("tests/Cases/debian-12-key");
        tree.Load(Path.Combine(directory, "before"), Path.Combine(directory, "before.list"));
        if (File.Exists(tree.HostPath(damaged)))
        {
            File.Delete(tree.HostPath(damaged));
            Directory.CreateDirectory(tree.HostPath(damaged));
        }
        else
        {
            File.WriteAllText(tree.HostPath(damaged), "");
        }

        SortedDictionary<string, string> before = State(tree);
        Tool run = Tool.Try(
            "unshare",
            "--uts",
            "sh",
            "-c",
            "hostname before-the-run; \"$@\"; echo \"$? $(hostname)\"",
            "sh",
            Repository.Binary,
            "--root",
            tree.Path,
            "--media",
            Path.Combine(directory, "ovf-env.xml"),
            "--wireserver",
            _platform.EndPoint.ToString(),
            "--network",
            "off",
            "--imds",
            "none");
        Assert.Equal($"{code} before-the-run\n", run.Output);
        Assert.Contains(message, run.Errors);
        tree.RemoveReason();
        Assert.Equal(before, State(tree));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(300)]
    public void A_big_file_of_the_skeleton_is_copied_and_not_held_in_memory(int megabytes)
    {
        using Tree tree = WithSkeleton();
        string big = tree.HostPath("etc/skel/big");
        using (FileStream file = File.Create(big))
        {
            byte[] block = new byte[1 << 20];
            for (int i = 0; i < megabytes; i++)
            {
                block[i] = 1;
                file.Write(block);
            }
        }

        string resident = tree.Path + ".resident";
        Tool run = Tool.Try("time", ["-f", "%M", "-o", resident, .. Provision(tree)]);
        int peak = int.Parse(File.ReadAllText(resident), CultureInfo.InvariantCulture);
        File.Delete(resident);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.InRange(peak, 1, 16 << 10);   // KiB
        Tool.Run("cmp", big, tree.HostPath("home/grace/big"));
    }

    [Fact]
    public void A_skeleton_may_have_more_files_than_a_process_may_have_open()
    {
        using Tree tree = WithSkeleton();
        for (int i = 0; i < 1100; i++)
        {
            Directory.CreateDirectory(tree.HostPath($"etc/skel/{i % 300}"));
            File.WriteAllText(tree.HostPath($"etc/skel/{i % 300}/{i}"), $"{i}");
        }

        Tool run = Tool.Try("prlimit", ["--nofile=256", .. Provision(tree)]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Tool.Run("diff", "-r", tree.HostPath("etc/skel"), tree.HostPath("home/grace"), "-x", ".ssh");
    }

    private static Tree WithSkeleton()
    {
        var tree = new Tree();
        string directory = Repository.PathOf("tests/Cases/one-file-two-names");
        tree.Load(Path.Combine(directory, "before"), Path.Combine(directory, "before.list"));
        Directory.CreateDirectory(tree.HostPath("etc/skel"));
        return tree;
    }

    private string[] Provision(Tree tree) =>
    [
        "unshare", "--uts", Repository.Binary, "--root", tree.Path, "--network", "off", "--imds", "none", "--wireserver",
        _platform.EndPoint.ToString(), "--media", Repository.PathOf("tests/Cases/one-file-two-names/ovf-env.xml"),
    ];

    private string[] Arguments(string directory)
    {
        string ovf = Path.Combine(directory, "ovf-env.xml");
        string imds = Path.Combine(directory, "imds.json");
        string arguments = Path.Combine(directory, "arguments");
        if (File.Exists(imds))
        {
            _platform.On("/metadata/instance?", Answer.Status(200, File.ReadAllText(imds)));
        }

        return
        [
            "--media", File.Exists(ovf) ? ovf : "none", "--imds", File.Exists(imds) ? _platform.EndPoint.ToString() : "none",
            .. File.Exists(arguments) ? File.ReadAllLines(arguments) : [],
        ];
    }

    // Without DMI a dry run, which asks nobody, does not know the name of the marker.
    private static string WithoutId(string path) =>
        path.EndsWith(".provisioned", StringComparison.Ordinal) ? path[..(path.LastIndexOf('/') + 1)] + "ID.provisioned" : path;

    // The lock of the shadow suite is no part of the plan: it is held while that is made. Attributes of sysfs are calls.
    private static SortedDictionary<string, string> State(Tree tree)
    {
        SortedDictionary<string, string> contents = tree.Contents();
        var state = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in tree.Listing())
        {
            string path = line.Split(' ', 4)[3].Split(" -> ")[0];
            if (path != "etc/.pwd.lock" && !path.StartsWith("sys/", StringComparison.Ordinal))
            {
                state[WithoutId(path)] = WithoutId(line) + contents.GetValueOrDefault(path);
            }
        }

        return state;
    }

    private static string[] Differences(SortedDictionary<string, string> before, SortedDictionary<string, string> after) =>
        before.Keys.Union(after.Keys)
            .Where(path => before.GetValueOrDefault(path) != after.GetValueOrDefault(path))
            .Select(path => $"{(!before.ContainsKey(path) ? "create" : after.ContainsKey(path) ? "replace" : "remove")} {path}")
            .Order(StringComparer.Ordinal)
            .ToArray();

    // The name that is changed, where the path that the plan names is a link.
    private static string Resolved(Tree tree, string path) =>
        new FileInfo(tree.HostPath(path)).LinkTarget is { } target
            ? Path.GetRelativePath("/", Path.Combine(Path.GetDirectoryName(path)!, target))
            : path.TrimStart('/');
}
