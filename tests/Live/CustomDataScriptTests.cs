using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>Custom data that are a script, in a root whose shell is BusyBox's.</summary>
public sealed class CustomDataScriptTests : IDisposable
{
    private readonly Tree _root = new();
    private readonly DirectoryInfo _media = Directory.CreateTempSubdirectory("azprovision-media-");

    public CustomDataScriptTests()
    {
        Directory.CreateDirectory(_root.HostPath("bin"));
        Directory.CreateDirectory(_root.HostPath("dev"));   // for /dev/null: a shell starts nothing in the background without
        foreach (string name in (string[])["sh", "sleep"])
        {
            File.Copy("/bin/busybox", _root.HostPath($"bin/{name}"));
        }
    }

    public void Dispose()
    {
        _root.Dispose();
        _media.Delete(recursive: true);
    }

    [Fact]
    public void A_script_runs_once_for_a_VM_also_where_the_platform_cannot_be_reached()
    {
        HasScript("#!/bin/sh\necho ran >>/count\n");
        for (int boot = 1; boot <= 3; boot++)
        {
            Tool run = Provisioning.Run(_root.Path, Arguments("--wireserver", "127.0.0.1:1", "--timeout", "1"));
            Assert.True(run.ExitCode == 21 || run.ExitCode == 40, run.Errors);
        }

        Assert.Equal("ran\n", _root.Read("count"));
    }

    [Fact]
    public void When_SIGTERM_ends_the_run_the_script_and_what_it_started_end_too()
    {
        HasScript("#!/bin/sh\nsleep 4711 &\necho $! >/child\necho $$ >/script\nwait\n");
        string[] command =
        [
            "--uts", "--", Repository.Binary, "--root", _root.Path, "--network", "off", "--imds", "none",
            .. Arguments("--skip", "report", "--wireserver", "127.0.0.1:1"),
        ];
        using Process run = Process.Start("unshare", command);   // becomes the program, so the id is its
        Assert.True(Eventually(() => File.Exists(_root.HostPath("script")) && _root.Read("script").Length > 0));
        Assert.False(HasEnded("child"));
        Tool.Run("kill", "-TERM", $"{run.Id}");
        Assert.True(run.WaitForExit(5000));
        Assert.Equal(128 + 15, run.ExitCode);
        Assert.True(Eventually(() => HasEnded("script") && HasEnded("child")));
    }

    [Fact]
    public void A_script_that_gzip_packed_runs_too()
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.SmallestSize))
        {
            gzip.Write("\uFEFF#!/bin/sh\r\necho packed >/ran\r\n"u8);
        }

        HasCustomData(packed.ToArray());
        Tool run = Provisioning.Run(_root.Path, Arguments("--skip", "report"));
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal("packed\n", _root.Read("ran"));
        Assert.Equal(packed.ToArray(), File.ReadAllBytes(_root.HostPath("var/lib/azprovision/custom-data")));
    }

    private string[] Arguments(params string[] more) =>
        ["--media", _media.FullName, "--run-custom-data", "--skip", "sshd", .. more];

    // A process that was killed and has no parent to take note of it yet is as good as gone.
    private bool HasEnded(string file)
    {
        string status = $"/proc/{_root.Read(file).Trim()}/status";
        try
        {
            return File.ReadAllText(status).Contains("State:\tZ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static bool Eventually(Func<bool> isSo)
    {
        for (int i = 0; i < 200 && !isSo(); i++)
        {
            System.Threading.Thread.Sleep(50);
        }

        return isSo();
    }

    private void HasScript(string script) => HasCustomData(Encoding.UTF8.GetBytes(script));

    private void HasCustomData(byte[] data)
    {
        const string Sample = "IyEvYmluL3NoCmVjaG8gaGVsbG8gPiAvdG1wL2hpCg==";
        string ovf = File.ReadAllText(Repository.PathOf("tests/Cases/empty-root/ovf-env.xml"));
        Assert.Contains(Sample, ovf, StringComparison.Ordinal);
        File.WriteAllText(
            Path.Combine(_media.FullName, "ovf-env.xml"), ovf.Replace(Sample, Convert.ToBase64String(data), StringComparison.Ordinal));
    }
}
