using System;
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
        "openat", "write", "pwrite64", "fsync", "rename", "renameat", "linkat", "unlink", "unlinkat", "fchmod", "fchown",
        "mkdir", "mkdirat",
    ];

    private readonly ScriptedServer _platform = AzurePlatform.Healthy(new ScriptedServer());

    public void Dispose() => _platform.Dispose();

    [Theory]
    [InlineData("signal=KILL")]
    [InlineData("error=EIO")]
    [InlineData("error=ENOSPC")]
    [InlineData("error=EROFS")]
    public void A_run_that_is_hit_anywhere_harms_nothing_and_the_next_one_completes_it(string fault)
    {
        using var before = new Tree();
        Load(before);
        SortedDictionary<string, string> old = before.Contents();
        using var undisturbed = new Tree();
        Load(undisturbed);
        string trace = Path.Combine(before.Path, "../", Path.GetRandomFileName());
        Tool clean = Run(undisturbed, ["strace", "-f", "-qq", "-o", trace, "-e", $"trace={string.Join(',', s_calls)}"]);
        Assert.True(clean.ExitCode == 0, clean.Errors);
        SortedDictionary<string, string> complete = undisturbed.Contents();
        string[] listing = undisturbed.Listing();
        (string Call, int When)[] hits = Hits(File.ReadAllLines(trace));
        File.Delete(trace);
        Assert.True(hits.Length > 100, $"only {hits.Length} calls were seen");

        Parallel.ForEach(hits, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, hit =>
        {
            using var tree = new Tree();
            Load(tree);
            string place = $"{hit.Call} {hit.When} {fault}";
            Tool struck = Run(
                tree,
                ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=none", "-e", $"inject={hit.Call}:{fault}:when={hit.When}"]);

            // Ended by the signal, or one of the documented codes: never an internal error (1) or an abort (134).
            Assert.True(struck.ExitCode is 0 or 137 or (>= 10 and <= 40), $"{place}: exit code {struck.ExitCode}\n{struck.Errors}");
            SortedDictionary<string, string> now = tree.Contents();
            foreach ((string path, string content) in old)
            {
                Assert.True(
                    now.TryGetValue(path, out string? found) ? found == content || found == complete[path] : !complete.ContainsKey(path),
                    $"{place}: {path} is neither the old nor the new file: '{found}'");
            }

            foreach ((string path, string content) in now)
            {
                Assert.True(
                    old.ContainsKey(path) || IsTemporary(path) || complete.GetValueOrDefault(path) == content,
                    $"{place}: {path} is neither absent nor complete: '{content}'");
            }

            Tool second = Run(tree, []);
            Assert.True(second.ExitCode == 0, $"{place}, second run: {second.Errors}");
            Assert.True(complete.SequenceEqual(tree.Contents()), $"{place}: contents differ after the second run");
            Assert.True(
                listing.SequenceEqual(tree.Listing()),
                $"{place}: after the second run\n{string.Join('\n', tree.Listing().Except(listing).Concat(listing.Except(tree.Listing())))}");
        });
    }

    private static bool IsTemporary(string path)
    {
        string name = Path.GetFileName(path);
        return name.StartsWith('.') && name.EndsWith(".azprovision", StringComparison.Ordinal);
    }

    /// <summary>Each call of a trace with its number among those of its name.</summary>
    private static (string Call, int When)[] Hits(string[] trace)
    {
        var counts = new Dictionary<string, int>();
        var hits = new List<(string Call, int When)>();
        foreach (string line in trace)
        {
            string call = line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split('(')[0].Trim();
            if (s_calls.Contains(call))
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

    private Tool Run(Tree tree, string[] wrapper) => Tool.Try(
        "unshare",
        [
            "--uts", "--", .. wrapper, Repository.Binary, "--root", tree.Path,
            "--media", Repository.PathOf("tests/Live/fault-ovf-env.xml"),
            "--wireserver", _platform.EndPoint.ToString(), "--timeout", "20", "--waagent-files", "--groups", "adm,sudo",
        ]);
}
