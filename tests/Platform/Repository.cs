using System;
using System.IO;

namespace Azprovision.Tests.Platform;

/// <summary>The checkout that the tests run from, found by its solution file.</summary>
public static class Repository
{
    /// <summary>The published executable: what the tests of behaviour run.</summary>
    public static string Binary => File.Exists(PathOf("out/azprovision"))
        ? PathOf("out/azprovision")
        : throw new FileNotFoundException("out/azprovision is not there: run ./build.sh first");

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
