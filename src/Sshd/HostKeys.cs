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

    // Where there is no HostKey line (sshd_config(5)); "dsa" is of an sshd before 7.0.
    private static readonly string[] s_kinds = ["rsa", "ecdsa", "ed25519", "dsa"];

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

        if (policy == HostKeyPolicy.Generate)
        {
            foreach (string name in root.NamesIn(SshdConfig.Directory))
            {
                if (IsHostKey(name))
                {
                    root.Remove($"{SshdConfig.Directory}/{name}");
                }
            }
        }

        root.Call($"{Program} -A", () => Make(host, program, paths, isOnlyWayIn));
    }

    private static void Make(Host host, string program, List<string> paths, Func<bool> isOnlyWayIn)
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
            MadeFiles.Adopt(host.Files, SshdConfig.Directory, IsHostKey, host.Log.Warning);
        }
        catch (IOException e)
        {
            problem = e.Message;
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

        foreach (string kind in paths.Count == 0 ? s_kinds : [])
        {
            paths.Add($"{SshdConfig.Directory}/{Prefix}{kind}{Suffix}");
        }

        return paths;
    }

    private static bool IsHostKey(string name)
    {
        string key = name.EndsWith(".pub", StringComparison.Ordinal) ? name[..^4] : name;
        return key.StartsWith(Prefix, StringComparison.Ordinal) && key.EndsWith(Suffix, StringComparison.Ordinal);
    }
}
