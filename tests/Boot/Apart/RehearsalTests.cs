using System;
using System.IO;
using System.Security.Cryptography;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Boot.Apart;

/// <summary>
/// "make rehearse" on a Debian disk that has systemd, sshd, sudo and what "make install-systemd" puts there: "make test-rehearse",
/// which takes minutes and is not part of "make boot".
/// </summary>
public sealed class RehearsalTests(DebianImage debian) : IClassFixture<GuestImage>, IClassFixture<DebianImage>, IDisposable
{
    // Of GuestImage nothing is used here but the kernel that it has left in the cache.
    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-rehearsal-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void An_image_that_is_installed_as_the_readme_says_passes_and_is_not_changed()
    {
        string disk = debian.Disk();
        byte[] before = DigestOf(disk);

        Tool rehearsal = Rehearse(disk);

        Assert.True(rehearsal.ExitCode == 0, rehearsal.Output + rehearsal.Errors);
        Assert.Equal(before, DigestOf(disk));
        string[] rows = Rows(rehearsal);
        Assert.Equal(2, Array.FindAll(rows, row => row.StartsWith("Ready ok ", StringComparison.Ordinal)).Length);
        Assert.Contains("host name ok heron", rows);
        Assert.Contains("host name ok kestrel", rows);
        Assert.Contains("password ok SSH takes it", rows);
        Assert.Contains("sudo ok with the password", rows);
        Assert.Contains("the platform received ok nothing", rows);
        Assert.Contains(rows, row => row.StartsWith("cost of azprovision ok ", StringComparison.Ordinal));
        Assert.Contains("user ada of the first one ok gone", rows);
        Assert.Contains("SSH host keys ok new", rows);
        Assert.Contains("Welcome to ", File.ReadAllText(Path.Combine(_directory, "first.console")), StringComparison.Ordinal);
        Assert.Contains("<State>Ready</State>", File.ReadAllText(Path.Combine(_directory, "third.requests")), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_directory, "key*"));
    }

    [Fact]
    public void An_image_without_the_program_fails_and_the_table_says_why()
    {
        string disk = Path.Combine(_directory, "without.img");
        File.Copy(debian.Disk(), disk);
        // The root is the second partition.
        Tool.Run("debugfs", "-w", "-R", "rm /usr/sbin/azprovision", $"{disk}?offset={161 << 20}");

        Tool rehearsal = Rehearse(disk, "--timeout", "40");

        Assert.Equal(1, rehearsal.ExitCode);
        string[] rows = Rows(rehearsal);
        Assert.Contains(rows, row => row.StartsWith("Ready FAILED no report within 40.", StringComparison.Ordinal));
        Assert.Contains($"the platform received FAILED nothing ({_directory}/first.console)", rows);
    }

    private Tool Rehearse(string disk, params string[] options) => Tool.Try(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "rehearsal.dll"), disk, "--directory", _directory, .. options]);

    /// <summary>Lines of the table, with one blank between the columns.</summary>
    private static string[] Rows(Tool rehearsal) => Array.ConvertAll(
        rehearsal.Output.Split('\n'), line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    private static byte[] DigestOf(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return SHA256.HashData(stream);
    }
}
