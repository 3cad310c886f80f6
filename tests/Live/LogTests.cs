using System;
using System.IO;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>What standard error gets depends on who reads it, and what is said on what was wrong.</summary>
public sealed class LogTests : IDisposable
{
    private readonly Tree _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("$(stat -L -c %d:%i /dev/stderr)", "<3>")]   // as systemd sets it where standard error is the journal
    [InlineData("1:2", "azprovision: error: ")]
    [InlineData("", "azprovision: error: ")]
    public void The_journal_is_told_levels_and_nobody_else(string stream, string start)
    {
        string script = $"""
            cd {_root.Path}; exec 2>log; export JOURNAL_STREAM={stream}
            exec {Repository.Binary} --root . --media none --imds none --network off --skip report
            """;
        Assert.Equal(10, Tool.Try("unshare", "--uts", "sh", "-c", script).ExitCode);
        Assert.Equal($"{start}--media none and --imds none leave no provisioning data\n", _root.Read("log"));
    }

    [Fact]
    public void On_a_console_that_shows_what_the_kernel_logs_an_error_is_called_one()
    {
        string script = $"""
            cd {_root.Path}; : > kmsg; mount --bind kmsg /dev/kmsg || exit
            exec {Repository.Binary} --root . --media none --imds none --network off --skip report --quiet --log kmsg
            """;
        Assert.Equal(10, Tool.Try("unshare", "--uts", "--mount", "sh", "-c", script).ExitCode);
        Assert.Equal("<3>azprovision: error: --media none and --imds none leave no provisioning data\n", _root.Read("kmsg"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pipe_that_nobody_empties_holds_nothing_up(bool hasReader)
    {
        string pipe = _root.HostPath("pipe");
        // What fills it is more than a pipe takes (64 KiB).
        string script = $"""
            mkfifo {pipe}; {(hasReader ? $"exec 3<>{pipe}; timeout 1 cat /dev/zero >&3" : ":")}
            exec timeout 8 {Repository.Binary} --root {_root.Path} --media none --imds none --network off --skip report --log {pipe}
            """;
        Tool run = Tool.Try("unshare", "--uts", "sh", "-c", script);
        Assert.True(run.ExitCode == 10, run.Errors);
        Assert.Equal(!hasReader, run.Errors.Contains("--log: open", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "--bogus")]
    [InlineData(true, "--timeout", "soon")]
    [InlineData(true, "status", "--only", "user,usr")]
    [InlineData(false, "--root", "/nonexistent")]
    [InlineData(false, "--network", "off")]
    public void The_help_is_named_where_it_helps(bool isNamed, params string[] arguments)
    {
        Directory.CreateDirectory(_root.HostPath("etc"));
        Directory.CreateDirectory(_root.HostPath("sys/class/dmi/id"));
        File.WriteAllText(_root.HostPath("sys/class/dmi/id/chassis_asset_tag"), "7783-7084-3265-9085-8269-3286-77");
        File.WriteAllText(_root.HostPath("etc/azprovision.conf"), "bogus = 1\n");
        Tool run = Provisioning.Run(_root.Path, ["--skip", "report", .. arguments]);
        if (arguments[0] == "status")
        {
            run = Tool.Try(Repository.Binary, arguments);
        }

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(isNamed, run.Errors.EndsWith(" (see azprovision --help)\n", StringComparison.Ordinal));
    }
}
