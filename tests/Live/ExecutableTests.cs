using System;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

public class ExecutableTests
{
    /// <summary>
    /// A million bytes that come back with the first use of a type of System.Xml, which names the assembly and the reader in
    /// the metadata.
    /// </summary>
    [Theory]
    [InlineData("System.Private.Xml")]
    [InlineData("System.Xml.")]
    [InlineData("XmlReader")]
    [InlineData("XmlResolver")]
    [InlineData("XmlNodeType")]
    public void There_is_no_trace_of_System_Xml(string name)
    {
        // The name of a switch, which the SDK puts among the settings of every program.
        const string Switch = "System.Xml.XmlResolver.IsNetworkingEnabledByDefaul";
        string executable = Encoding.Latin1.GetString(File.ReadAllBytes(Repository.Binary))
            .Replace(TwoBytesACharacter(Switch), "", StringComparison.Ordinal);
        Assert.DoesNotContain(name, executable, StringComparison.Ordinal);
        Assert.DoesNotContain(TwoBytesACharacter(name), executable, StringComparison.Ordinal);
    }

    private static string TwoBytesACharacter(string text) => Encoding.Latin1.GetString(Encoding.Unicode.GetBytes(text));

    [Fact]
    public void Without_a_configuration_file_four_places_are_looked_at_once()
    {
        string trace = Path.GetTempFileName();
        DirectoryInfo root = Directory.CreateTempSubdirectory("azprovision-");
        Tool.Run("strace", "-o", trace, "-e", "trace=file", Repository.Binary, "status", "--root", root.FullName);
        string[] calls = File.ReadAllLines(trace);
        File.Delete(trace);
        root.Delete();
        Assert.Equal(4, calls.Count(call => call.Contains("/azprovision.conf", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_it_looks_for_would_be_found()
    {
        string executable = Encoding.Latin1.GetString(File.ReadAllBytes(Repository.Binary));
        Assert.Contains(TwoBytesACharacter("usage"), executable.ToLowerInvariant(), StringComparison.Ordinal);
    }
}
