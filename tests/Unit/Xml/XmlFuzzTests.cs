using System;
using System.Diagnostics;
using System.Globalization;
using Xunit;
using Xunit.Abstractions;

namespace Azprovision.Tests.Unit.Xml;

public class XmlFuzzTests(ITestOutputHelper output)
{
    private const int CountOfMakeFuzz = 10_000_000;

    /// <summary>For half a second; "make fuzz" goes on until there were ten million.</summary>
    [Fact]
    public void XmlReader_sees_every_mutation_in_the_same_way()
    {
        string? seconds = Environment.GetEnvironmentVariable("AZPROVISION_FUZZ_SECONDS");
        var time = TimeSpan.FromSeconds(seconds is null ? 0.5 : double.Parse(seconds, CultureInfo.InvariantCulture));
        int atLeast = seconds is null ? 0 : CountOfMakeFuzz;
        var mutations = new XmlMutations(XmlDocuments.All);
        var clock = Stopwatch.StartNew();
        int count = 0;
        for (; count < atLeast || clock.Elapsed < time; count++)
        {
            string? disagreement = XmlOracle.Disagreement(mutations.Next());
            Assert.True(disagreement is null, disagreement);
        }

        output.WriteLine($"{count} mutations in {clock.Elapsed.TotalSeconds:0} s");
    }
}
