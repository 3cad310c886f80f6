using System;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace Azprovision.Tests.Live.Support;

/// <summary>
/// The DHCP client that the system of a machine has, of all kinds: on eth0, under the name "old", with mounts of its own, so
/// that it writes nothing to this host.
/// </summary>
internal sealed class ClientOfMachine(NetworkNamespace machine) : IDisposable
{
    private const string Private = "mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/lib/dhcpcd; mount -t sysfs -o ro sysfs /sys; ";

    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-client-").FullName;

    internal string Said => File.Exists(Log) ? File.ReadAllText(Log) : "";

    private string Log => PathOf("log");

    internal string PathOf(string name) => Path.Combine(_directory, name);

    internal Process Start(string client) => client switch
    {
        "udhcpc" => StartUdhcpc(),
        "dhclient" => StartDhclient(),
        // Below a shell, whose root shows the client's files: dhcpcd itself changes its root.
        "dhcpcd" => machine.Start(
            Log, "unshare", "--mount", "--uts", "sh", "-c",
            $"{Private} hostname old; dhcpcd --nobackground --ipv4only --hostname --nohook resolv.conf --nohook hostname eth0; exit"),
        "systemd-networkd" => StartNetworkd(),
        "NetworkManager" => StartNetworkManager(),
        _ => StartIfupdown(),
    };

    /// <summary>Waits until the client has made the network.</summary>
    internal void WaitForRoute()
    {
        for (int tries = 0; !HasRoute(); tries++)
        {
            if (tries > 150)
            {
                throw new IOException($"no route: {Said}");
            }

            Thread.Sleep(100);
        }
    }

    private bool HasRoute()
    {
        foreach (string route in machine.Run("ip", "route").Split('\n'))
        {
            if (route.StartsWith("default via 10.9.0.1", StringComparison.Ordinal) && !route.Contains(" proto 245 "))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    // What the examples of BusyBox and distributions have in common.
    private Process StartUdhcpc()
    {
        string script = Script("""
            case $1 in
              deconfig) ip link set "$interface" up; ip -4 address flush dev "$interface" ;;
              bound) ip address add "$ip/$mask" dev "$interface"; ip route add default via "$router" dev "$interface" ;;
            esac
            """);
        return machine.Start(Log, "busybox", "udhcpc", "-f", "-t", "20", "-i", "eth0", "-x", "hostname:old", "-s", script);
    }

    // With its own script, which must not write this host's resolv.conf.
    private Process StartDhclient()
    {
        File.WriteAllText(PathOf("dhclient.conf"), "send host-name \"old\";\n");
        File.WriteAllText(PathOf("hook"), "make_resolv_conf() { :; }\n");
        return machine.Start(Log, "unshare", "--mount", Script($"""
            mount -t tmpfs tmpfs /etc/dhcp/dhclient-enter-hooks.d
            mount -t tmpfs tmpfs /etc/dhcp/dhclient-exit-hooks.d
            cp {PathOf("hook")} /etc/dhcp/dhclient-enter-hooks.d/none
            exec dhclient -d -4 -cf {PathOf("dhclient.conf")} -lf {PathOf("leases")} -pf {PathOf("pid")} eth0
            """));
    }

    private Process StartNetworkd()
    {
        File.WriteAllText(PathOf("unit"), "[Match]\nName=eth0\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n");
        return machine.Start(Log, "unshare", "--mount", "--uts", Script($"""
            {Private}
            hostname old
            mkdir -p /run/systemd/network /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp
            chown -R systemd-network /run/systemd/netif
            cp {PathOf("unit")} /run/systemd/network/10-eth0.network
            exec /lib/systemd/systemd-networkd
            """));
    }

    private Process StartNetworkManager()
    {
        File.WriteAllText(
            PathOf("connection"),
            "[connection]\nid=eth0\ntype=ethernet\ninterface-name=eth0\n"
            + "[ipv4]\nmethod=auto\ndhcp-hostname=old\n[ipv6]\nmethod=disabled\n");
        return StartInDebian($"""
            mkdir -p $root/run/dbus
            mount -t tmpfs tmpfs $root/var/lib/NetworkManager
            mount -t tmpfs tmpfs $root/etc/NetworkManager/system-connections
            install -m 600 {PathOf("connection")} $root/etc/NetworkManager/system-connections/eth0.nmconnection
            chroot $root dbus-daemon --system --fork
            exec chroot $root NetworkManager --no-daemon
            """);
    }

    private Process StartIfupdown() => StartInDebian("""
        mount -t tmpfs tmpfs $root/var/lib/dhcp
        echo 'iface eth0 inet dhcp' >$root/run/interfaces
        mkdir $root/run/network
        chroot $root ifup -v -i /run/interfaces eth0
        exec sleep 300
        """);

    // sysfs is mounted read-only: that is how NetworkManager knows that there is no udev to wait for. The process namespace
    // ends all that was started.
    private Process StartInDebian(string script) => machine.Start(
        Log, "unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", Script($"""
            root={DebianRoot.WithNetworkManagers()}
            hostname old
            mount -t proc proc $root/proc
            mount -t sysfs -o ro sysfs $root/sys
            mount -t tmpfs tmpfs $root/run
            mount --rbind /dev $root/dev
            : >$root/run/resolv.conf
            touch $root/etc/resolv.conf
            mount --bind $root/run/resolv.conf $root/etc/resolv.conf
            {script}
            """));

    private string Script(string body)
    {
        string path = PathOf("script");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
