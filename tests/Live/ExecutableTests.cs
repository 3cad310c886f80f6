using System;
using System.IO;
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
        byte[] executable = File.ReadAllBytes(Repository.Binary);
        Assert.True(executable.AsSpan().IndexOf(Encoding.ASCII.GetBytes(name)) < 0, name);
        Assert.True(executable.AsSpan().IndexOf(Encoding.Unicode.GetBytes(name)) < 0, $"{name}, two bytes a character");
    }
}
