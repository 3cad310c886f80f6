using System;
using System.IO;

namespace Azprovision.Tests.Platform;

/// <summary>The checkout that the tests run from, found by its solution file.</summary>
public static class Repository
{
    /// <summary>
    /// The published executable: what the tests of behaviour run. AZPROVISION_PROGRAM names another, for instance one that
    /// starts the other architecture's in an emulator.
    /// </summary>
    public static string Binary
    {
        get
        {
            string program = Environment.GetEnvironmentVariable("AZPROVISION_PROGRAM") ?? PathOf("out/azprovision");
            return File.Exists(program)
                ? program
                : throw new FileNotFoundException($"{program} is not there: run ./build.sh first");
        }
    }

    public static string PathOf(string relative)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Provisioning.sln")))
            {
                return Path.Combine(at.FullName, relative);
            }
        }

        throw new DirectoryNotFoundException("Provisioning.sln is in no directory above the tests");
    }
}
