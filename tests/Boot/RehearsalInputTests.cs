using System;
using System.IO;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Boot;

/// <summary>What "make rehearse" says to those whom it cannot help. No machine is started.</summary>
public sealed class RehearsalInputTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-rehearsal-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("", "no image: make rehearse IMAGE=disk.img")]
    [InlineData("nowhere.img", "no such image: '*/nowhere.img'")]
    [InlineData("text", "no partition table in '*/text': a whole disk is needed, not a file system")]
    [InlineData("disk --arch mips", "ARCH is amd64 or arm64, not 'mips'")]
    [InlineData("disk --arch arm64 --generation 1", "arm64 has no generation 1: Azure starts it by UEFI")]
    [InlineData("disk --timeout never", "TIMEOUT is a number of seconds, not 'never'")]
    [InlineData("disk --ovf text", "*text: Data at the root level is invalid. Line 1, position 1.")]
    [InlineData("disk --ovf other.xml", "*other.xml: no LinuxProvisioningConfigurationSet in it")]
    public void Bad_input_is_one_line_and_exit_code_2(string arguments, string message)
    {
        File.WriteAllText(InDirectory("text"), "not a disk");
        File.WriteAllText(InDirectory("other.xml"), "<Environment/>");
        byte[] disk = new byte[64 * 512];
        disk[510] = 0x55;
        disk[511] = 0xAA;
        File.WriteAllBytes(InDirectory("disk"), disk);

        string[] words = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Tool rehearsal = Tool.Try(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "rehearsal.dll"), .. Array.ConvertAll(words, word => IsFile(word) ? InDirectory(word) : word)]);

        Assert.Equal(2, rehearsal.ExitCode);
        string said = Assert.Single(rehearsal.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        string[] parts = message.Split('*');
        Assert.StartsWith("rehearsal: " + parts[0], said, StringComparison.Ordinal);
        Assert.EndsWith(parts[^1], said, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_names_what_make_takes()
    {
        Tool help = Tool.Try("dotnet", Path.Combine(AppContext.BaseDirectory, "rehearsal.dll"), "--help");

        Assert.Equal(0, help.ExitCode);
        Assert.Contains("make rehearse IMAGE=disk.img", help.Output, StringComparison.Ordinal);
    }

    private string InDirectory(string name) => Path.Combine(_directory, name);

    private static bool IsFile(string word) => word is "nowhere.img" or "text" or "disk" or "other.xml";
}
