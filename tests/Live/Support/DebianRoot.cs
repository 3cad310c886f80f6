using System.IO;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Live.Support;

/// <summary>Debian 12 roots with the programs that tests need: made once and kept in out/, as packages take their time.</summary>
internal static class DebianRoot
{
    private static readonly object s_making = new();

    internal static string WithConsumers() => For("debian-12", "openssh-server,opendoas,sudo");

    // debootstrap finds no package for what several provide: libpam-systemd is polkitd's "default-logind".
    internal static string WithNetworkManagers() =>
        For("debian-12-network", "network-manager,libpam-systemd,ifupdown,isc-dhcp-client,iproute2,dbus");

    private static string For(string name, string packages)
    {
        string image = Repository.PathOf($"out/{name}");
        lock (s_making)
        {
            if (!Directory.Exists(image))
            {
                string part = $"{image}.part";
                Tool.Run("rm", "-rf", part);
                Tool.Run("debootstrap", "--variant=minbase", $"--include={packages}", "bookworm", part);
                Tool.Run("sh", "-c", $"rm -rf {part}/var/cache/apt/archives/*.deb {part}/var/lib/apt/lists/* {part}/etc/ssh/ssh_host_*");
                Directory.Move(part, image);
            }
        }

        return image;
    }
}
