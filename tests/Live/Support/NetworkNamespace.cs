using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Threading;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Live.Support;

/// <summary>
/// A network namespace, held by a process that sleeps in it. Programs run in it by nsenter; code of ours runs in it on a
/// thread of its own, since a network namespace belongs to a thread.
/// </summary>
internal sealed partial class NetworkNamespace : IDisposable
{
    private const int CLONE_NEWNET = 0x40000000;
    private const int O_RDONLY = 0;

    private readonly Process _holder;
    private readonly List<Process> _servers = [];

    internal NetworkNamespace()
    {
        // "ready" comes when the namespace is there: before that nsenter would enter the host's. Its links look for no twin of
        // their IPv6 addresses, which would change these a second after.
        string holder = "echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad; echo ready; exec sleep 300";
        _holder = Process.Start(new ProcessStartInfo("unshare", ["--net", "--kill-child", "sh", "-c", holder])
        {
            RedirectStandardOutput = true,
        })!;
        if (_holder.StandardOutput.ReadLine() != "ready")
        {
            throw new IOException("unshare --net failed");
        }
    }

    internal int ProcessId => _holder.Id;

    /// <summary>Two namespaces, eth0 of the first one joined to eth0 of the second by a veth pair; only the second is up.</summary>
    internal static (NetworkNamespace Machine, NetworkNamespace Server) Pair()
    {
        var machine = new NetworkNamespace();
        var server = new NetworkNamespace();
        Connect(machine, "eth0", server, "eth0");
        server.Run("ip", "link", "set", "lo", "up");
        return (machine, server);
    }

    internal static void Connect(NetworkNamespace machine, string name, NetworkNamespace server, string peer)
    {
        machine.Run(
            "ip", "link", "add", name, "type", "veth", "peer", "name", peer, "netns", $"{server.ProcessId}");
        server.Run("ip", "link", "set", peer, "up");
    }

    /// <summary>The platform in this namespace, at its own address.</summary>
    internal ScriptedServer Platform()
    {
        Run("ip", "address", "add", "168.63.129.16/32", "dev", "lo");
        return AzurePlatform.Healthy(Do(() => new ScriptedServer(IPEndPoint.Parse("168.63.129.16:80"))));
    }

    internal string Run(params IEnumerable<string> command) => Tool.Run("nsenter", Enter(command));

    internal Tool Try(params IEnumerable<string> command) => Tool.Try("nsenter", Enter(command));

    /// <summary>Starts a program that runs until this is disposed of; what it prints goes to a file.</summary>
    internal Process Start(string output, params IEnumerable<string> command)
    {
        Process process = Process.Start(
            "nsenter", Enter(["sh", "-c", $"exec \"$@\" >>'{output}' 2>&1 </dev/null", "sh", .. command]));
        _servers.Add(process);
        return process;
    }

    /// <summary>Runs code of ours on a thread in the namespace, to its end.</summary>
    internal T Do<T>(Func<T> code)
    {
        T result = default!;
        ExceptionDispatchInfo? problem = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter();
                result = code();
            }
            catch (Exception e)
            {
                problem = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        problem?.Throw();
        return result;
    }

    /// <summary>The calling thread is in this namespace from now on.</summary>
    internal void Enter()
    {
        int descriptor = open($"/proc/{ProcessId}/ns/net", O_RDONLY);
        if (descriptor < 0 || setns(descriptor, CLONE_NEWNET) < 0)
        {
            throw new IOException($"setns: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        _ = close(descriptor);
    }

    /// <summary>Links, addresses and routes as ip shows them, without what a link's first use leaves behind (qdisc).</summary>
    internal string State() =>
        UsedQueue().Replace(Run("ip", "-details", "link") + Run("ip", "address"), "")
        + Run("ip", "route", "show", "table", "all") + Run("ip", "-6", "route");

    public void Dispose()
    {
        foreach (Process server in _servers)
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
            server.Dispose();
        }

        _holder.Kill(entireProcessTree: true);
        _holder.WaitForExit();
        _holder.Dispose();
    }

    [GeneratedRegex(@"qdisc \S+ |state \S+ ")]
    private static partial Regex UsedQueue();

    private string[] Enter(IEnumerable<string> command) => [$"--net=/proc/{ProcessId}/ns/net", "--", .. command];

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(int descriptor, int type);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
