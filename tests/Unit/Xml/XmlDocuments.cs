using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Azprovision.Tests.Platform;
using Azprovision.Tests.Unit.Support;

namespace Azprovision.Tests.Unit.Xml;

/// <summary>The documents of well-formed.txt and not-well-formed.txt.</summary>
internal static class XmlDocuments
{
    internal static string[] WellFormed { get; } = Read("well-formed.txt");

    internal static string[] NotWellFormed { get; } = Read("not-well-formed.txt");

    /// <summary>These, and the samples of ovf-env.xml.</summary>
    internal static string[] All => [.. WellFormed, .. NotWellFormed, .. OvfSamples.Names.Select(OvfSamples.Text)];

    private static string[] Read(string file) =>
    [
        .. File.ReadLines(Repository.PathOf($"tests/Unit/Xml/{file}"))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(Regex.Unescape),
    ];
}
