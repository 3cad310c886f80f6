using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>
/// The golden cases below tests/Cases: ovf-env.xml, imds.json or both, and a root before (files in before/, the rest in before.list), and after
/// it (files that are new or changed in after/, all names in after.list), the exit code, the reports and log lines (expect).
/// AZPROVISION_GOLDEN=1 writes after/ and after.list anew; the diff is what gets reviewed.
/// </summary>
public class CaseTests
{
    private static readonly bool s_rewrite = Environment.GetEnvironmentVariable("AZPROVISION_GOLDEN") == "1";

    public static TheoryData<string> Cases { get; } = new(
        Directory.GetDirectories(Repository.PathOf("tests/Cases")).Select(path => Path.GetFileName(path)).Order());

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_case_ends_as_expected_and_a_second_run_changes_nothing(string name)
    {
        string directory = Path.Combine(Repository.PathOf("tests/Cases"), name);
        using var tree = new Tree();
        tree.Load(Path.Combine(directory, "before"), Path.Combine(directory, "before.list"));
        SortedDictionary<string, string> before = tree.Contents();

        Check(directory, tree, "expect");
        SortedDictionary<string, string> after = tree.Contents();
        if (s_rewrite)
        {
            Rewrite(directory, before, after, tree.Listing());
        }

        Assert.Equal(File.ReadAllLines(Path.Combine(directory, "after.list")), tree.Listing());
        Assert.Equal(Expected(directory, before), after);

        // As if the machine had lost its power before the marker was on the disk.
        foreach (string marker in after.Keys.Where(path => path.EndsWith(".provisioned", StringComparison.Ordinal)))
        {
            File.Delete(tree.HostPath(marker));
        }

        string shadow = after.ContainsKey("etc/shadow") ? tree.Read("etc/shadow") : "";
        Check(directory, tree, "expect");
        Assert.Equal(after, tree.Contents());
        Assert.Equal(File.ReadAllLines(Path.Combine(directory, "after.list")), tree.Listing());
        Assert.Equal(shadow, after.ContainsKey("etc/shadow") ? tree.Read("etc/shadow") : "");   // no new salt either
    }

    [Fact]
    public void A_kernel_without_openat2_makes_no_difference()
    {
        string directory = Repository.PathOf("tests/Cases/debian-12-key");
        using var tree = new Tree();
        tree.Load(Path.Combine(directory, "before"), Path.Combine(directory, "before.list"));
        string trace = tree.Path + ".trace";
        Tool run = Tool.Try(
            "unshare",
            [
                "--uts", "--", "strace", "-f", "-qq", "-o", trace, "-e", "trace=openat2", "-e", "inject=openat2:error=ENOSYS",
                Repository.Binary, "--root", tree.Path, "--network", "off", "--imds", "none", "--skip", "report",
                "--media", Path.Combine(directory, "ovf-env.xml"), "--groups", "adm,sudo",
            ]);
        string[] calls = File.ReadAllLines(trace);
        File.Delete(trace);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains(calls, call => call.Contains("RESOLVE_IN_ROOT", StringComparison.Ordinal));
        Assert.All(calls, call => Assert.Contains("(INJECTED)", call));
        SortedDictionary<string, string> expected = Expected(directory, []);
        foreach (string file in expected.Keys.Where(path => !path.EndsWith(".provisioned", StringComparison.Ordinal)))
        {
            Assert.Equal(expected[file], tree.Contents()[file]);
        }
    }

    private static void Check(string directory, Tree tree, string expect)
    {
        string arguments = Path.Combine(directory, "arguments");
        using var platform = new ScriptedServer();
        AzurePlatform.Healthy(platform);
        string ovf = Path.Combine(directory, "ovf-env.xml");
        string imds = Path.Combine(directory, "imds.json");
        if (File.Exists(imds))
        {
            platform.On("/metadata/instance?", Answer.Status(200, File.ReadAllText(imds)));
        }

        Tool run = Provisioning.Run(
            tree.Path,
            platform,
            [
                "--media", File.Exists(ovf) ? ovf : "none",
                "--imds", File.Exists(imds) ? platform.EndPoint.ToString() : "none",
                .. File.Exists(arguments) ? File.ReadAllLines(arguments) : [],
            ]);
        string reports = string.Concat(platform.Requests.Select(request => Encoding.UTF8.GetString(request.Body)));
        foreach (string line in File.ReadAllLines(Path.Combine(directory, expect)))
        {
            string[] words = line.Split(' ', 2);
            switch (words[0])
            {
                case "exit":
                    Assert.True(words[1] == $"{run.ExitCode}", $"exit code {run.ExitCode}\n{run.Errors}");
                    break;
                case "log":
                    Assert.Contains(words[1], run.Errors);
                    break;
                case "report":
                    Assert.Contains(words[1], reports);
                    break;
                default:
                    Assert.Fail($"{expect}: '{line}' expects nothing known");
                    break;
            }
        }
    }

    private static SortedDictionary<string, string> Expected(string directory, SortedDictionary<string, string> before)
    {
        var expected = new SortedDictionary<string, string>(before, StringComparer.Ordinal);
        string after = Path.Combine(directory, "after");
        foreach (string file in Files(after))
        {
            expected[Path.GetRelativePath(after, file)] = Encoding.Latin1.GetString(File.ReadAllBytes(file));
        }

        string[] listed = File.ReadAllLines(Path.Combine(directory, "after.list"));
        foreach (string path in expected.Keys.ToArray())
        {
            if (!listed.Any(line => line.EndsWith($" f {path}", StringComparison.Ordinal)))
            {
                expected.Remove(path);
            }
        }

        return expected;
    }

    private static void Rewrite(
        string directory, SortedDictionary<string, string> before, SortedDictionary<string, string> after, string[] listing)
    {
        string target = Path.Combine(directory, "after");
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        foreach ((string path, string content) in after)
        {
            if (!before.TryGetValue(path, out string? old) || old != content)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(target, path))!);
                File.WriteAllBytes(Path.Combine(target, path), Encoding.Latin1.GetBytes(content));
            }
        }

        File.WriteAllLines(Path.Combine(directory, "after.list"), listing);
    }

    private static string[] Files(string directory) =>
        Directory.Exists(directory) ? Directory.GetFiles(directory, "*", SearchOption.AllDirectories) : [];
}
