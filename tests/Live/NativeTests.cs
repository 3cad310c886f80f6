using System;
using System.Collections.Generic;
using System.IO;
using System.Text.RegularExpressions;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>What src/ says of the kernel and of libc, in the eyes of each architecture's C compiler and its headers.</summary>
public sealed partial class NativeTests
{
    [Theory]
    [InlineData("x86_64", false)]
    [InlineData("aarch64", true)]
    public void Each_constant_size_and_offset_is_that_of_the_headers(string machine, bool isArm64)
    {
        (string sizes, string checks, int count) = FromSource(isArm64);

        Assert.InRange(count, 150, int.MaxValue);
        Assert.Equal("", Compile(machine, sizes, checks));
    }

    [Theory]
    [InlineData("aarch64", "O_DIRECTORY")]   // x86-64's
    [InlineData("x86_64", "SizeOfStatx")]
    public void A_wrong_one_would_be_found(string machine, string name)
    {
        (string sizes, string checks, _) = FromSource(isArm64: false);

        string errors = Compile(machine, sizes.Replace("SizeOfStatx 256", "SizeOfStatx 128", StringComparison.Ordinal), checks);

        Assert.Contains(name is "SizeOfStatx" ? "size of struct statx" : name, errors, StringComparison.Ordinal);
    }

    private static string Compile(string machine, string sizes, string checks)
    {
        string directory = Directory.CreateTempSubdirectory("azprovision-native-").FullName;
        try
        {
            string file = Path.Combine(directory, "native.c");
            File.WriteAllText(file, sizes + File.ReadAllText(Repository.PathOf("tests/Live/native.c")) + checks);
            return Tool.Try($"{machine}-linux-gnu-gcc", "-std=gnu11", "-fsyntax-only", "-Wall", "-Werror", file).Errors;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>The constants that bear the name of a header's, as checks; those of ours that C needs, as macros.</summary>
    private static (string Sizes, string Checks, int Count) FromSource(bool isArm64)
    {
        var sizes = new SortedSet<string>(StringComparer.Ordinal);
        var checks = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string file in Directory.GetFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories))
        {
            string source = File.ReadAllText(file);
            foreach (Match constant in Constant().Matches(source))
            {
                string name = constant.Groups["name"].Value;
                string value = ClassName().Replace(constant.Groups["value"].Value, "");
                _ = name.StartsWith("SizeOf", StringComparison.Ordinal) || name == "NameOffset"
                    ? sizes.Add($"#define {name} {value}\n")
                    : checks.Add($"_Static_assert((long)({name}) == ({value}), \"{name}\");\n");
            }

            foreach (Match constant in ByArchitecture().Matches(source))
            {
                string name = constant.Groups["name"].Value;
                string value = constant.Groups[isArm64 ? "arm64" : "other"].Value;
                checks.Add($"_Static_assert((long)({name}) == ({value}), \"{name}\");\n");
            }
        }

        return (string.Concat(sizes), "\n" + string.Concat(checks), checks.Count);
    }

    // Ours are PascalCase; the headers' begin with two capitals or with a capital and an underscore.
    [GeneratedRegex(@"const (?:byte|u?short|u?int|u?long|nu?int) (?<name>[A-Z][A-Z_]\w*|SizeOf\w+|NameOffset) = (?<value>[^;]+);")]
    private static partial Regex Constant();

    [GeneratedRegex(@"readonly int (?<name>\w+) =\s+RuntimeInformation\.ProcessArchitecture == Architecture\.Arm64 \? (?<arm64>\w+) : (?<other>\w+);")]
    private static partial Regex ByArchitecture();

    [GeneratedRegex(@"\b[A-Z][a-z]\w*\.")]
    private static partial Regex ClassName();
}
