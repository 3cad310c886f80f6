using System;
using System.IO;
using System.Linq;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Live.Support;

/// <summary>
/// The files of the golden case debian-12-key with OpenSSH's real programs, no host key and, as in an initramfs, an empty
/// /dev.
/// </summary>
internal sealed class OpenSshRoot : IDisposable
{
    private readonly Tree _tree = new();

    internal OpenSshRoot()
    {
        string directory = Repository.PathOf("tests/Cases/debian-12-key");
        _tree.Load($"{directory}/before", $"{directory}/before.list");
        Directory.CreateDirectory(_tree.HostPath("dev"));
        Directory.CreateDirectory(_tree.HostPath("run/sshd"));
        string image = DebianRoot.WithConsumers();
        string libraries = Tool.Run("chroot", image, "ldd", "/usr/bin/ssh-keygen", "/usr/sbin/sshd");
        string[] words = libraries.Split([' ', '\t', '\n']);
        string[] files = [.. words.Where(word => word.StartsWith('/') && !word.EndsWith(':')).Select(word => word[1..]).Distinct()];
        const string Copy = "cd \"$1\" && target=$2 && shift 2 && cp -L --parents \"$@\" \"$target\"";
        Tool.Run("sh", ["-c", Copy, "sh", image, Path, "usr/bin/ssh-keygen", "usr/sbin/sshd", .. files]);
    }

    internal string Path => _tree.Path;

    internal string[] HostKeys =>
        [.. Directory.GetFiles(HostPath("etc/ssh"), "ssh_host_*").Select(file => System.IO.Path.GetFileName(file)).Order()];

    internal string HostPath(string path) => _tree.HostPath(path);

    /// <summary>OpenSSH's own judgement, with the null device that a running system has.</summary>
    internal Tool CheckSshd() => Tool.Try(
        "unshare",
        "--mount",
        "sh",
        "-c",
        $"mount -t tmpfs dev {Path}/dev && mknod {Path}/dev/null c 1 3 && exec chroot {Path} /usr/sbin/sshd -t");

    public void Dispose() => _tree.Dispose();
}
