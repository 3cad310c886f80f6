using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Files;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Sshd;

/// <summary>
/// The keys by which sshd is known: a generalized image has none, sshd does not start without one, and not every image
/// makes them at boot. They are the one thing for which a run starts a program that nobody has asked for.
/// </summary>
internal static class HostKeys
{
    private const string Program = "ssh-keygen";
    private const string Prefix = "ssh_host_";
    private const string Suffix = "_key";
    private const string PublicSuffix = ".pub";
    private const string CertificateSuffix = "-cert" + PublicSuffix;

    // What ssh-keygen -A makes; where there is no HostKey line (sshd_config(5)), that of an sshd before 7.0 counts too.
    private static readonly string[] s_made = [PathOf("rsa"), PathOf("ecdsa"), PathOf("ed25519")];
    private static readonly string s_old = PathOf("dsa");

    /// <param name="isOnlyWayIn">nobody can log in but by sshd; asked only if that would not start</param>
    internal static void Plan(PlannedRoot root, Host host, HostKeyPolicy policy, Func<bool> isOnlyWayIn)
    {
        if (policy == HostKeyPolicy.Keep || SshdConfig.TryRead(root) is not { } config)
        {
            return;
        }

        List<string> paths = PathsIn(config);
        bool isAnyThere = paths.Exists(path => root.TryStatus(path) is { Size: > 0 });
        if (isAnyThere && policy == HostKeyPolicy.Auto)
        {
            return;
        }

        if (ChildProgram.TryFind(root.Disk, Program) is not { } program)
        {
            // Without an sshd where distributions put it, this one is started, and gets its keys, by ways of its own.
            bool isFatal = !isAnyThere && ChildProgram.TryFind(root.Disk, "sshd") is not null && isOnlyWayIn();
            string which = isAnyThere ? "SSH host keys are the image's" : "sshd has no host key";
            Complain(host, $"{which}: the image has no '{Program}' to make them", isFatal);
            return;
        }

        List<string> removed = [];
        if (policy == HostKeyPolicy.Generate)
        {
            if (isAnyThere && !IsAnyMade(paths))
            {
                Complain(host, $"sshd_config names no SSH host key that '{Program} -A' makes: those of the image stay", isFatal: false);
                return;
            }

            removed = paths.FindAll(path => root.TryStatus(path) is not null);
            FilesIn(root, config).ForEach(root.Remove);
        }

        root.Call($"{Program} -A", () => Make(host, program, paths, removed, isOnlyWayIn));
    }

    /// <summary>For an image: the machines made from it make their own.</summary>
    internal static void PlanRemoval(PlannedRoot root)
    {
        SshdConfig? config = SshdConfig.TryRead(root);
        FilesIn(root, config).ForEach(root.Remove);
        if (config is not null && !IsAnyMade(PathsIn(config)))
        {
            root.Warn($"sshd_config names no SSH host key that '{Program} -A' makes: the image has to make them in another way");
        }
    }

    /// <summary>The keys, their public halves and certificates: in the usual directory, and where sshd_config names them.</summary>
    internal static List<string> FilesIn(PlannedRoot root, SshdConfig? config)
    {
        var files = new List<string>();
        foreach (string name in root.NamesIn(SshdConfig.Directory))
        {
            if (IsName(name))
            {
                files.Add($"{SshdConfig.Directory}/{name}");
            }
        }

        foreach (string path in config is null ? [] : PathsIn(config))
        {
            foreach (string file in (string[])[path, path + PublicSuffix, path + CertificateSuffix])
            {
                if (!files.Contains(file) && root.TryStatusOfName(file) is not null)
                {
                    files.Add(file);
                }
            }
        }

        return files;
    }

    /// <summary>Whether a file in the usual directory is a host key, its public half or its certificate.</summary>
    internal static bool IsName(string name)
    {
        string key = name.EndsWith(CertificateSuffix, StringComparison.Ordinal) ? name[..^CertificateSuffix.Length]
            : name.EndsWith(PublicSuffix, StringComparison.Ordinal) ? name[..^PublicSuffix.Length]
            : name;
        return key.StartsWith(Prefix, StringComparison.Ordinal) && key.EndsWith(Suffix, StringComparison.Ordinal);
    }

    private static string PathOf(string kind) => $"{SshdConfig.Directory}/{Prefix}{kind}{Suffix}";

    private static bool IsAnyMade(List<string> paths) => paths.Exists(path => Array.IndexOf(s_made, path) >= 0);

    private static void Make(Host host, string program, List<string> paths, List<string> removed, Func<bool> isOnlyWayIn)
    {
        string? problem;
        try
        {
            int? status = ChildProgram.Run(host.Files, [program, "-A"], host.Deadline);
            problem = status switch
            {
                0 => null,
                { } ended => $"'{program}' {ChildProgram.Describe(ended)}",
                null => throw new ProvisioningException(
                    Failure.TimedOut, $"'{program}' still made host keys when --timeout was over; killed"),
            };
            MadeFiles.Adopt(host.Files, SshdConfig.Directory, IsName, host.Log.Warning);
        }
        catch (IOException e)
        {
            problem = e.Message;
        }

        foreach (string path in removed)
        {
            if (host.Files.TryStatus(path) is null)
            {
                Complain(host, $"'{Printable.Of(path)}' was the image's and is gone: '{program} -A' does not make it", isFatal: false);
            }
        }

        if (!paths.Exists(path => host.Files.TryStatus(path) is { Size: > 0 }))
        {
            problem ??= $"'{program} -A' makes none that sshd_config names";
            Complain(host, $"sshd has no host key: {problem}", isOnlyWayIn());
        }
        else if (problem is not null)
        {
            Complain(host, problem, isFatal: false);
        }
    }

    private static void Complain(Host host, string problem, bool isFatal)
    {
        if (isFatal)
        {
            throw new ProvisioningException(Failure.SshKeys, $"nobody could log in: {problem}");
        }

        host.Log.Warning($"{problem}, ignoring");
    }

    private static List<string> PathsIn(SshdConfig config)
    {
        var paths = new List<string>();
        foreach (SshdLine line in config.Lines)
        {
            if (line is { Keyword: "hostkey", Arguments: [var path, ..] })
            {
                paths.Add(path);
            }
        }

        return paths.Count == 0 ? [.. s_made, s_old] : paths;
    }
}
