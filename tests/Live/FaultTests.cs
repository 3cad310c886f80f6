using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>
/// The published executable under strace(1), killed or refused at the n-th of each system call that changes something, for
/// every n. Then each system file must be the old or the new one, and a second, undisturbed run must end in the same tree
/// as if nothing had happened.
/// </summary>
public sealed class FaultTests : IDisposable
{
    private static readonly string[] s_calls =
    [
        "openat", "write", "pwrite64", "fsync", "io_uring_enter", "rename", "renameat", "linkat", "unlink", "unlinkat", "fchmod", "fchown",
        "mkdir", "mkdirat",
    ];

    // What is only nice to have is given up with a warning; the user is there then, and the next run does not make up for it.
    private static readonly string[] s_niceties = ["etc/subuid", "etc/subgid", "var/lib/azprovision/ovf-env.xml"];

    private readonly ScriptedServer _platform = AzurePlatform.Healthy(new ScriptedServer());

    public void Dispose() => _platform.Dispose();

    [Theory]
    [InlineData("signal=KILL")]
    [InlineData("error=EIO")]
    [InlineData("error=ENOSPC", "openat", "write", "fsync", "renameat", "linkat", "mkdirat")]
    [InlineData("error=EROFS", "openat", "renameat", "linkat", "mkdirat")]
    public void A_run_that_is_hit_anywhere_harms_nothing_and_the_next_one_completes_it(string fault, params string[] calls) =>
        Sweep(fault, calls.Length > 0 ? calls : s_calls, []);

    /// <summary>Kernels without io_uring sync each file for itself.</summary>
    [Theory]
    [InlineData("signal=KILL")]
    [InlineData("error=EIO")]
    public void The_same_without_io_uring(string fault) =>
        Sweep(fault, ["fsync", "renameat"], ["-e", "inject=io_uring_setup:error=ENOSYS"]);

    /// <summary>A kernel that has no memory for it, or is said to have taken one file of many.</summary>
    [Theory]
    [InlineData("error=EAGAIN")]
    [InlineData("error=EAGAIN:when=1")]
    [InlineData("retval=1:when=1")]
    public void What_io_uring_does_not_take_is_synced_without_it(string fault)
    {
        using var tree = new Tree();
        Load(tree);
        string trace = tree.Path + ".trace";
        Tool run = Run(tree, Strace(trace, "trace=io_uring_enter", "-e", $"inject=io_uring_enter:{fault}"));
        string calls = File.ReadAllText(trace);
        File.Delete(trace);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("(INJECTED)", calls, StringComparison.Ordinal);
        Assert.DoesNotContain("WARNING", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_disk_that_takes_nothing_the_platform_is_told_why()
    {
        using var tree = new Tree();
        Load(tree);
        SortedDictionary<string, string> old = tree.Contents();
        Tool run = Run(tree, ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=io_uring_setup:error=ENOSYS", "-e", "inject=fsync:error=EIO"]);
        Assert.True(run.ExitCode == 37, run.Errors);
        Assert.Contains("fsync '/", run.Errors, StringComparison.Ordinal);
        Assert.Contains("NotReady", _platform.Requests[^1].Text, StringComparison.Ordinal);
        Assert.Empty(old.Except(tree.Contents()));
    }

    /// <summary>/etc/hosts is a nicety; its directory has the host name's file too.</summary>
    [Theory]
    [InlineData("etc/.hosts.azprovision", 0)]
    [InlineData("etc/.hostname.azprovision", 37)]
    [InlineData("etc", 37)]
    public void What_need_not_be_is_given_up_when_it_does_not_reach_the_disk(string file, int exitCode)
    {
        const string Hosts = "127.0.1.1 image\n";
        string[] withoutRing = ["-e", "inject=io_uring_setup:error=ENOSYS"];
        int when = 0;
        for (int round = 0; round < 2; round++)
        {
            using var tree = new Tree();
            Load(tree);
            File.WriteAllText(tree.HostPath("etc/hosts"), Hosts);
            string trace = tree.Path + ".trace";
            string[] inject = when > 0 ? ["-e", $"inject=fsync:error=EIO:when={when}"] : [];
            Tool run = Run(tree, Strace(trace, "trace=fsync,io_uring_setup", ["-y", .. withoutRing, .. inject]), "--only", "hostname");
            string[] synced = [.. File.ReadLines(trace).Where(line => line.Contains(" fsync(", StringComparison.Ordinal))];
            File.Delete(trace);
            if (round == 0)
            {
                when = 1 + Array.FindIndex(synced, line => line.Contains($"<{tree.HostPath(file)}>", StringComparison.Ordinal));
                Assert.True(run.ExitCode == 0 && when > 0, $"{run.Errors}\n{string.Join('\n', synced)}");
                continue;
            }

            Assert.True(run.ExitCode == exitCode, run.Errors);
            Assert.Equal(exitCode == 0, run.Errors.Contains("fsync '/etc/hosts': ", StringComparison.Ordinal));
            Assert.DoesNotContain(tree.Listing(), line => line.Contains(".azprovision", StringComparison.Ordinal));
            if (exitCode == 0)
            {
                Assert.Equal((Hosts, "heron\n"), (tree.Read("etc/hosts"), tree.Read("etc/hostname")));
            }
        }
    }

    private void Sweep(string fault, string[] calls, string[] circumstances)
    {
        using var before = new Tree();
        Load(before);
        SortedDictionary<string, string> old = before.Contents();
        using var undisturbed = new Tree();
        undisturbed.CopyFrom(before);
        string trace = before.Path + ".trace";
        Tool clean = Run(undisturbed, Strace(trace, $"trace={string.Join(',', calls)},io_uring_setup", circumstances));
        Assert.True(clean.ExitCode == 0, clean.Errors);
        SortedDictionary<string, string> complete = undisturbed.Contents();
        string[] listing = undisturbed.Listing();
        (string Call, int When)[] hits = Hits(File.ReadAllLines(trace), calls);
        File.Delete(trace);
        Assert.True(hits.Length > 30, $"only {hits.Length} calls were seen");

        var failures = new ConcurrentBag<string>();
        Parallel.ForEach(hits, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, hit =>
        {
            using var tree = new Tree();
            tree.CopyFrom(before);
            foreach (string failure in Strike(tree, hit, fault, circumstances, old, complete, listing))
            {
                failures.Add($"{hit.Call} {hit.When} {fault}: {failure}");
            }
        });
        Assert.True(failures.IsEmpty, string.Join("\n", failures.Order()));
    }

    // Itself, or a directory on the way to it.
    private static bool IsNamed(string errors, string path)
    {
        while (path.Length > 0 && !errors.Contains($"'/{path}'", StringComparison.Ordinal))
        {
            path = Path.GetDirectoryName(path)!;
        }

        return path.Length > 0;
    }

    /// <summary>What is wrong after a run that was struck, and after the one that follows it.</summary>
    private IEnumerable<string> Strike(
        Tree tree,
        (string Call, int When) hit,
        string fault,
        string[] circumstances,
        SortedDictionary<string, string> old,
        SortedDictionary<string, string> complete,
        string[] listing)
    {
        string trace = tree.Path + ".trace";
        Tool struck = Run(tree, Strace(
            trace, $"trace={hit.Call},io_uring_setup", [.. circumstances, "-e", $"inject={hit.Call}:{fault}:when={hit.When}"]));
        bool isInjected = struck.ExitCode == 137 || File.ReadLines(trace).Any(line =>
            line.Contains("(INJECTED)", StringComparison.Ordinal) && line.Contains($" {hit.Call}(", StringComparison.Ordinal));
        File.Delete(trace);
        if (!isInjected)
        {
            yield return "the fault was not injected";
        }

        // Ended by the signal, or one of the documented codes: never an internal error (1) or an abort (134).
        if (struck.ExitCode is not (0 or 2 or 137 or (>= 10 and <= 40)))
        {
            yield return $"exit code {struck.ExitCode} {struck.Errors}";
        }

        SortedDictionary<string, string> now = tree.Contents();
        foreach ((string path, string content) in old)
        {
            if (now.TryGetValue(path, out string? found)
                ? found != content && found != complete.GetValueOrDefault(path)
                : complete.ContainsKey(path))
            {
                yield return $"{path} is neither the old nor the new file: '{found}'";
            }
        }

        foreach ((string path, string content) in now)
        {
            if (!old.ContainsKey(path) && !IsTemporary(path) && !path.EndsWith(".failed", StringComparison.Ordinal) && complete.GetValueOrDefault(path) != content)
            {
                yield return $"{path} is neither absent nor complete: '{content}'";
            }
        }

        Tool second = Run(tree, []);
        if (second.ExitCode != 0)
        {
            yield return $"second run: {second.Errors}";
        }

        SortedDictionary<string, string> after = tree.Contents();
        bool IsGivenUp(string text) => s_niceties.Any(path =>
            text.Contains(path, StringComparison.Ordinal)
            && IsNamed(struck.Errors, path)
            && struck.Errors.Contains(", ignoring\n", StringComparison.Ordinal));
        string[] contents =
            [.. complete.Except(after).Concat(after.Except(complete)).Where(pair => !IsGivenUp(pair.Key)).Select(pair => $"{pair}")];
        if (contents.Length > 0)
        {
            yield return $"contents after the second run: {string.Join(", ", contents)}";
        }

        string[] names = [.. tree.Listing().Except(listing).Concat(listing.Except(tree.Listing())).Where(line => !IsGivenUp(line))];
        if (names.Length > 0)
        {
            yield return $"names after the second run: {string.Join(", ", names)}";
        }
    }

    private static string[] Strace(string output, string trace, params string[] more) =>
        ["strace", "-f", "-qq", "-o", output, "-e", trace, .. more];

    private static bool IsTemporary(string path)
    {
        string name = Path.GetFileName(path);
        return name.StartsWith('.') && name.EndsWith(".azprovision", StringComparison.Ordinal);
    }

    /// <summary>Each call of a trace with its number among those of its name.</summary>
    private static (string Call, int When)[] Hits(string[] trace, string[] calls)
    {
        var counts = new Dictionary<string, int>();
        var hits = new List<(string Call, int When)>();
        foreach (string line in trace)
        {
            string call = line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split('(')[0].Trim();
            if (calls.Contains(call))
            {
                counts[call] = counts.GetValueOrDefault(call) + 1;
                hits.Add((call, counts[call]));
            }
        }

        return [.. hits];
    }

    private static void Load(Tree tree)
    {
        string directory = Repository.PathOf("tests/Cases/debian-12-key");
        tree.Load(Path.Combine(directory, "before"), Path.Combine(directory, "before.list"));
    }

    private Tool Run(Tree tree, string[] wrapper, params string[] arguments) => Tool.Try(
        "unshare",
        [
            "--uts", "--", .. wrapper, Repository.Binary, "--root", tree.Path,
            "--media", Repository.PathOf("tests/Live/fault-ovf-env.xml"),
            "--wireserver", _platform.EndPoint.ToString(), "--imds", "none", "--timeout", "20", "--waagent-files", "--groups", "adm,sudo",
            .. arguments,
        ]);
}
