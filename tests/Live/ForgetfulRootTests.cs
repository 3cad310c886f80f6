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
        Directory.CreateDirectory(Path.GetDirectoryName(_second.HostPath(Data))!);
        Tool.Run("cp", "-a", _first.HostPath(Data), _second.HostPath(Data));
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
        string passwd = _first.HostPath("etc/passwd");
        File.WriteAllLines(passwd, File.ReadAllLines(passwd).Where(line => !line.StartsWith("ada:", StringComparison.Ordinal)));
        Tool again = Boot(_first);
        Assert.True(again.ExitCode == 0, again.Errors);
        Assert.Contains("already provisioned", again.Errors);
        Assert.DoesNotContain("ada:", _first.Read("etc/passwd"), StringComparison.Ordinal);
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

    private Tool Boot(Tree root, params string[] arguments) => Provisioning.Run(
        root.Path, _platform, ["--state", "/" + Data, .. arguments.Length == 0 ? ["--media", "none"] : arguments]);

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
