using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using Azprovision.Files;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>What libselinux says of thousands of paths, by the rules of a whole distribution.</summary>
public sealed class FileContextsTests : IDisposable
{
    private const string File = "etc/selinux/default/contexts/files/file_contexts";

    private readonly Tree _root = new();

    public FileContextsTests()
    {
        // Every module of the policy ends with its rules as text, with place holders that semodule fills in.
        string script = $$"""
            mkdir -p etc/selinux && printf 'SELINUXTYPE=default\n' >etc/selinux/config
            apt-get -q download selinux-policy-default \
                || (apt-get -q -q update && apt-get -q download selinux-policy-default)
            dpkg-deb -x selinux-policy-default_*.deb .
            bzcat usr/share/selinux/default/*.pp.bz2 | grep -aE '^(/|HOME_DIR).*(:s0|<<none>>)$' \
                | sed 's,^HOME_DIR,/home/[^/]+,; s,%{[A-Z]*},[^/]+,' >{{File}}
            """;
        Tool.Run("sh", "-e", "-c", $"cd '{_root.Path}'\n{script}");
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_path_has_the_label_that_libselinux_gives_it()
    {
        using SystemRoot files = SystemRoot.Open(_root.Path);
        var policy = FileContexts.Read(files);
        string[] paths = [.. Paths()];
        Assert.True(paths.Length > 5000, $"only {paths.Length} paths");
        foreach ((char kind, string name) in new[] { ('-', "file"), ('d', "dir"), ('l', "lnk_file") })
        {
            string said = Tool.Run("matchpathcon", ["-N", "-m", name, "-f", _root.HostPath(File), .. paths]);
            IEnumerable<string> labels = paths.Select(path => $"{path}\t{Text(policy.LabelFor(path, kind))}");
            Assert.Equal(said.TrimEnd('\n').Split('\n'), labels);
        }
    }

    // What each rule may have been made for, and beside it.
    private SortedSet<string> Paths()
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string line in System.IO.File.ReadLines(_root.HostPath(File)))
        {
            string pattern = line.Split('\t', ' ')[0];
            string path = Regex.Replace(pattern, @"\[\^?([^\]])[^\]]*\]|\\(.)|(\.)|[()?+*|]", "$1$2$3");
            paths.Add(path);
            paths.Add(path.TrimEnd('/', '.'));   // without what "(/.*)?" has become
            paths.Add($"/home/grace{path}");
        }

        paths.RemoveWhere(path => path.Length == 0 || path.EndsWith('/')
            || path.Contains("//", StringComparison.Ordinal));
        return paths;
    }

    private static string Text(byte[]? label) =>
        label is null ? "<<none>>" : Encoding.ASCII.GetString(label).TrimEnd('\0');
}
