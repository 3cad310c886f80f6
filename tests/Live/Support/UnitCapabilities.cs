using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Live.Support;

/// <summary>Runs a program with no more capabilities than the unit of systemd leaves it.</summary>
internal static class UnitCapabilities
{
    /// <summary>What comes before the program.</summary>
    internal static IEnumerable<string> Command()
    {
        const string Setting = "CapabilityBoundingSet=";
        string set = "-all";
        foreach (string line in File.ReadLines(Repository.PathOf("src/boot/systemd/azprovision.service")))
        {
            if (line.StartsWith(Setting, StringComparison.Ordinal))
            {
                set += line[Setting.Length..].Replace("CAP_", ",+", StringComparison.Ordinal).ToLowerInvariant();
            }
        }

        return ["setpriv", $"--bounding-set={set.Replace(" ", "", StringComparison.Ordinal)}", "--"];
    }
}
