using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Boot.Apart;

/// <summary>
/// What "make packages" and "make relink-kit" have made, by the tools of the distributions that it is for: "make
/// test-packages", which takes minutes and is not part of "make boot".
/// </summary>
public sealed class PackageTests(GuestImage image, DebianImage debian)
    : IClassFixture<GuestImage>, IClassFixture<DebianImage>, IDisposable
{
    private const int MaxSize = 2_500_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-package-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("azprovision_*_amd64.deb")]
    [InlineData("azprovision_*_arm64.deb")]
    public void Lintian_has_no_objections_to_a_deb(string name)
    {
        string package = Package(name);

        Tool lintian = Tool.Try("lintian", "--fail-on", "error,warning", package);

        Assert.Equal("", lintian.Output);
        Assert.Equal(0, lintian.ExitCode);
        Assert.InRange(new FileInfo(package).Length, 1, MaxSize);
    }

    [Theory]
    [InlineData("azprovision-*.x86_64.rpm")]
    [InlineData("azprovision-*.aarch64.rpm")]
    public void An_rpm_is_whole_and_holds_the_program_and_its_unit(string name)
    {
        string package = Package(name);

        Assert.EndsWith(": digests OK\n", Tool.Run("rpm", "-K", "--nosignature", package), StringComparison.Ordinal);
        string[] files = Tool.Run("rpm", "-qlp", package).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("/usr/sbin/azprovision", files);
        Assert.Contains("/usr/sbin/azprovision-boot", files);
        Assert.Contains("/usr/lib/systemd/system/azprovision.service", files);
        Assert.Contains("/usr/lib/systemd/system-generators/azprovision-generator", files);
        Assert.Contains("/usr/share/licenses/azprovision/THIRD-PARTY", files);
        Assert.InRange(new FileInfo(package).Length, 1, MaxSize);
    }

    [Fact]
    public void An_rpm_goes_into_a_root_and_out_again()
    {
        string root = debian.Root();
        List<string> before = Names(root);
        string[] rpm = ["--root", root, "--nodeps", "--nosignature", "--ignoreos"];

        Tool.Run("rpm", [.. rpm, "--install", Package("azprovision-*.x86_64.rpm")]);
        Assert.Equal("", Tool.Run("rpm", "--root", root, "--verify", "--nodeps", "azprovision"));
        Assert.Contains("usr/lib/systemd/system-generators/azprovision-generator", Names(root));
        Tool.Run("rpm", [.. rpm[..3], "--erase", "azprovision"]);

        Assert.Equal(before, Names(root));
    }

    [Fact]
    public void A_deb_is_for_the_next_boot_and_nothing_of_it_is_left_when_it_is_purged()
    {
        string root = debian.Root();
        List<string> before = Names(root);
        File.Copy(Package("azprovision_*_amd64.deb"), Path.Combine(root, "package.deb"));

        string[] all = ["--path-include=/usr/share/doc/azprovision*", "--path-include=/usr/share/man/*/azprovision*"];
        string said = InRoot(root, ["dpkg", .. all, "--install", "/package.deb"]);
        File.Delete(Path.Combine(root, "package.deb"));
        Assert.DoesNotContain("warning", said, StringComparison.Ordinal);
        List<string> installed = Names(root);
        Assert.Contains("usr/lib/systemd/system-generators/azprovision-generator", installed);
        Assert.Contains("etc/rc2.d/S01azprovision", installed);
        Assert.False(Directory.Exists(Path.Combine(root, "var/lib/azprovision")));
        Assert.Equal("", InRoot(root, "dpkg", "--verify", "azprovision"));

        InRoot(root, "dpkg", "--remove", "azprovision");
        Assert.Contains("etc/init.d/azprovision", Names(root));
        Assert.DoesNotContain("usr/sbin/azprovision", Names(root));
        Assert.DoesNotContain("etc/systemd/system/azprovision.service", Names(root));
        Assert.Equal("", InRoot(root, "/etc/init.d/azprovision", "start"));

        string state = Directory.CreateDirectory(Path.Combine(root, "var/lib/azprovision")).FullName;
        foreach (string file in Directory.GetFiles(Repository.PathOf("tests/Cases"), "*", SearchOption.AllDirectories))
        {
            if (file.Contains("/after/var/lib/azprovision/", StringComparison.Ordinal))
            {
                File.WriteAllText(Path.Combine(state, Path.GetFileName(file)), "");
            }
        }

        InRoot(root, "dpkg", "--purge", "azprovision");
        Assert.Equal(before, Names(root));
        Assert.False(Directory.Exists(state));
    }

    [Fact]
    public void A_purge_leaves_the_state_directory_to_whoever_has_files_in_it_or_has_mounted_it()
    {
        string root = debian.Root();
        File.Copy(Package("azprovision_*_amd64.deb"), Path.Combine(root, "package.deb"));
        InRoot(root, "dpkg", "--install", "/package.deb");
        Directory.CreateDirectory(Path.Combine(root, "var/lib/azprovision"));

        string left = InRoot(root, "sh", "-euc", """
            mount -t tmpfs tmpfs /var/lib/azprovision
            cd /var/lib/azprovision
            touch mine record 4e3f1d2a-90ab-4c1d-8e2f-0123456789ab.provisioned .record.azprovision
            dpkg --purge azprovision >/dev/null
            ls -A
            """);

        Assert.Equal("mine\n", left);
    }

    [Fact]
    public void A_machine_with_the_deb_is_provisioned_at_its_first_boot()
    {
        using var machine = new VirtualMachine(debian.For("deb", image)) { Megabytes = 512, Processors = 2 };
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);

        BootRecord boot = machine.Boot();

        ProvisionedMachine.AssertIs(machine, boot);
        Assert.Equal(0, boot.ExitCode);
    }

    [Theory]
    [InlineData("amd64", "out/azprovision")]
    [InlineData("arm64", "out/arm64/azprovision")]
    public void The_bill_of_materials_names_the_executable_and_what_is_in_it(string architecture, string executable)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Package($"azprovision-*-{architecture}.spdx.json")));
        JsonElement root = document.RootElement;

        Assert.Equal("SPDX-2.3", root.GetProperty("spdxVersion").GetString());
        var versions = new Dictionary<string, string>();
        foreach (JsonElement package in root.GetProperty("packages").EnumerateArray())
        {
            versions.Add(package.GetProperty("SPDXID").GetString()!, package.GetProperty("versionInfo").GetString()!);
            if (package.TryGetProperty("checksums", out JsonElement checksums))
            {
                Assert.Equal(DigestOf(Repository.PathOf(executable)), checksums[0].GetProperty("checksumValue").GetString());
            }
        }

        Assert.Equal(4, versions.Count);
        Assert.DoesNotContain("", versions.Values);
        string vendor = Tool.Run("sh", "-c", ". /etc/os-release && printf %s \"$ID\"");
        Assert.Contains($"\"pkg:deb/{vendor}/libc", root.ToString(), StringComparison.Ordinal);
        foreach (JsonElement relationship in root.GetProperty("relationships").EnumerateArray())
        {
            Assert.Contains(relationship.GetProperty("relatedSpdxElement").GetString()!, versions);
        }
    }

    [Theory]
    [InlineData("amd64", "out/azprovision")]
    [InlineData("arm64", "out/arm64/azprovision")]
    public void The_relink_kit_makes_the_same_executable(string architecture, string executable)
    {
        Tool.Run("tar", "-C", _directory, "-xf", Package($"relink-kit-{architecture}.tar.xz"));
        string kit = Path.Combine(_directory, $"relink-kit-{architecture}");

        Tool.Run("sh", "-c", "PATH=$2:$PATH exec \"$1\"", "sh", Path.Combine(kit, "relink.sh"), Repository.PathOf("src/obj/cross"));

        Assert.Equal(DigestOf(Repository.PathOf(executable)), DigestOf(Path.Combine(kit, "azprovision")));
    }

    [Fact]
    public void A_tarball_installs_what_the_sources_do()
    {
        Tool.Run("tar", "-C", _directory, "-xf", Package("azprovision-*-amd64.tar.xz"));
        string sources = Directory.GetDirectories(_directory)[0];
        string destination = Path.Combine(_directory, "image");

        Tool.Run("make", "-s", "-C", sources, "install-openrc", $"DESTDIR={destination}");

        Assert.Equal(["etc/init.d/azprovision", "usr/sbin/azprovision", "usr/sbin/azprovision-boot"], Names(destination));
        foreach (string directory in (string[])[sources, Path.Combine(sources, "src/boot")])
        {
            foreach (Match link in Regex.Matches(File.ReadAllText(Path.Combine(directory, "README.md")), @"\]\(([^):#]*)\)"))
            {
                Assert.True(Path.Exists(Path.Combine(directory, link.Groups[1].Value)), link.Value);
            }
        }
    }

    [Fact]
    public void Another_directory_time_zone_and_umask_give_the_same_bytes()
    {
        string copy = Path.Combine(_directory, "sources");
        const string Script = """
            set -eu
            umask 077
            mkdir "$1"
            git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from=- | tar -x --no-same-permissions -C "$1"
            SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
            export SOURCE_DATE_EPOCH TZ=Asia/Kathmandu
            cd "$1"
            ./build.sh
            ./build.sh --arch arm64
            exec src/package/package.sh amd64 arm64
            """;
        Tool.Run("sh", "-c", $"cd '{Repository.PathOf(".")}' && {Script}", "sh", copy);

        Assert.Equal(
            File.ReadAllText(Repository.PathOf("out/packages/SHA256SUMS")),
            File.ReadAllText(Path.Combine(copy, "out/packages/SHA256SUMS")));
    }

    private static string Package(string pattern) =>
        Assert.Single(Directory.GetFiles(Repository.PathOf("out/packages"), pattern));

    private static string DigestOf(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    private static string InRoot(string root, params string[] command)
    {
        Tool tool = Tool.Try("unshare", ["--mount", "env", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive", "chroot", root, .. command]);
        Assert.True(tool.ExitCode == 0, tool.Errors);
        return tool.Output + tool.Errors;
    }

    /// <summary>All that is no directory, but for the records of the package managers themselves.</summary>
    private static List<string> Names(string root)
    {
        List<string> names = [];
        foreach (string name in Tool.Run("find", root, "!", "-type", "d", "-printf", "%P\\n").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!name.StartsWith("var/lib/dpkg/", StringComparison.Ordinal) && !name.StartsWith("var/log/", StringComparison.Ordinal)
                && !name.Contains("/rpm/", StringComparison.Ordinal) && !name.Contains(".rpmdb/", StringComparison.Ordinal))
            {
                names.Add(name);
            }
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
