using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Azprovision.Check;
using Azprovision.Configuration;
using Azprovision.Files;
using Azprovision.Network;
using Azprovision.Settings;
using Azprovision.Spec;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Check;

/// <summary>Each finding on an image is there when, and only when, it is true.</summary>
public class CheckTests
{
    private const string Kernel = "6.1.0-18-cloud-amd64";

    private static readonly string[] s_drivers =
        ["hv_vmbus", "hv_storvsc", "hv_netvsc", "hv_utils", "cdrom", "sr_mod", "ata_piix", "af_packet"];

    public static TheoryData<string> Drivers { get; } = new(s_drivers);

    [Theory]
    [MemberData(nameof(Drivers))]
    public void A_driver_is_missed_only_where_it_is_neither_built_in_nor_a_module(string driver)
    {
        string[] others = [.. s_drivers.Where(other => other != driver)];
        Assert.Contains($"has no {driver}:", Look(Modules(others, []), KernelCheck.Look));
        Assert.DoesNotContain("has no", Look(Modules(others, [driver]), KernelCheck.Look));
        Assert.DoesNotContain("has no", Look(Modules([driver], others), KernelCheck.Look));
    }

    [Theory]
    [InlineData("CONFIG_HYPERV_NET=m", "install all modules of this kernel")]
    [InlineData("# CONFIG_HYPERV_NET is not set", "take a kernel with CONFIG_HYPERV_NET")]
    public void What_to_do_for_a_driver_is_told_by_the_configuration(string line, string toDo)
    {
        using TempRoot root = Modules([.. s_drivers.Where(driver => driver != "hv_netvsc")], [])
            .With($"/boot/config-{Kernel}", $"#\nCONFIG_FUTEX=y\nCONFIG_MULTIUSER=y\nCONFIG_INET=y\n{line}\n");
        string found = Text(root, KernelCheck.Look);
        Assert.Contains(toDo, found);
        Assert.Single(found.Split('\n'), text => text.StartsWith("error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CONFIG_FUTEX")]
    [InlineData("CONFIG_MULTIUSER")]
    [InlineData("CONFIG_INET")]
    public void An_option_that_is_no_module_is_asked_of_the_configuration(string option)
    {
        string[] all = ["CONFIG_FUTEX", "CONFIG_MULTIUSER", "CONFIG_INET"];
        string configuration = string.Concat(all.Where(other => other != option).Select(other => $"\n{other}=y")) + "\n";
        Assert.Contains($"has no {option}:", Look(
            Modules(s_drivers, []).With($"/boot/config-{Kernel}", configuration), KernelCheck.Look));
        Assert.DoesNotContain("has no", Look(
            Modules(s_drivers, []).With($"/boot/config-{Kernel}", $"{configuration}{option}=y\n"), KernelCheck.Look));
    }

    [Fact]
    public void Without_the_list_of_what_is_built_in_nothing_is_missed()
    {
        using TempRoot root = new TempRoot().With($"/lib/modules/{Kernel}/modules.dep", "kernel/drivers/hv_netvsc.ko:\n");
        Assert.DoesNotContain("has no", Text(root, KernelCheck.Look));
    }

    [Theory]
    [InlineData("6.1.0-18-cloud-amd64", true)]
    [InlineData("6.1.0-18-cloud-arm64", false)]
    public void Machines_for_arm_have_no_ide_controller_to_be_driven(string version, bool isMissed)
    {
        using TempRoot root = new TempRoot().With($"/lib/modules/{version}/modules.builtin", "");
        Assert.Equal(isMissed, Text(root, KernelCheck.Look).Contains("ata_piix", StringComparison.Ordinal));
    }

    [Fact]
    public void An_image_without_a_kernel_is_only_noted() =>
        Assert.DoesNotContain("error", Look(new TempRoot(), KernelCheck.Look));

    [Theory]
    [InlineData("2.6.32-71.el6.x86_64", true)]
    [InlineData("2.6.32-504.el6.x86_64", false)]
    [InlineData("2.6.36", true)]
    [InlineData("2.6.37", false)]
    [InlineData("2.6.39.4-1", false)]
    [InlineData("4.19+", false)]
    [InlineData("6.1.0-18-cloud-amd64", false)]
    [InlineData("unknown", false)]
    public void Kernels_that_misread_virtual_numa_are_known_by_their_version(string version, bool misreads) =>
        Assert.Equal(misreads, BootCheck.MisreadsNuma(version));

    [Theory]
    [InlineData("GRUB_CMDLINE_LINUX=\"quiet\"", true, true)]
    [InlineData("GRUB_CMDLINE_LINUX=\"console=ttyS0,115200 quiet\"", false, true)]
    [InlineData("GRUB_CMDLINE_LINUX=\"numa=off console=ttyS0\"", false, false)]
    [InlineData("# GRUB_CMDLINE_LINUX=\"numa=off console=ttyS0\"", true, true)]
    [InlineData("GRUB_CMDLINE_LINUX=\"console=ttyS01 numa=offset\"", true, true)]
    public void Arguments_are_missed_only_where_the_boot_loader_does_not_have_them(string grub, bool console, bool numa)
    {
        using TempRoot root = new TempRoot().With("/etc/default/grub", $"{grub}\n").With("/boot/config-2.6.32", "\n");
        string found = Text(root, BootCheck.Look);
        Assert.Equal(console, found.Contains("no console=ttyS0", StringComparison.Ordinal));
        Assert.Equal(numa, found.Contains("misreads", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/etc/udev/rules.d/10-nic.rules", "ATTR{address}==\"00:0d:3a\", NAME=\"eth0\"", true)]
    [InlineData("/etc/udev/rules.d/10-nic.rules", "DRIVERS==\"hv_netvsc\", ATTR{address}==\"00:0d:3a\", NAME=\"eth0\"", false)]
    [InlineData("/etc/udev/rules.d/10-nic.rules", "# ATTR{address}==\"00:0d:3a\", NAME=\"eth0\"", false)]
    [InlineData("/etc/udev/rules.d/70-persistent-net.rules", "ATTR{address}==\"00:0d:3a\", NAME=\"eth0\"", false)]
    [InlineData("/etc/systemd/network/10-eth.link", "[Match]\nMACAddress=00:0d:3a\n[Link]\nName=eth0", true)]
    [InlineData("/etc/systemd/network/10-eth.link", "[Match]\nMACAddress=00:0d:3a\nDriver=hv_netvsc\n[Link]\nName=eth0", false)]
    [InlineData("/etc/systemd/network/1.link", "[Match]\nOriginalName=*\n[Link]\nNamePolicy=kernel mac", true)]
    [InlineData("/usr/lib/systemd/network/1.link", "[Match]\nPath=*-usb-*\n[Link]\nNamePolicy=mac", false)]
    [InlineData("/usr/lib/systemd/network/99-default.link", "[Match]\nOriginalName=*\n[Link]\nNamePolicy=keep path", false)]
    [InlineData("/etc/netplan/50-x.yaml", "eth0:\n match:\n  macaddress: 0\n set-name: eth0", true)]
    [InlineData("/etc/netplan/50-x.yaml", "eth0:\n match:\n  macaddress: 0\n  driver: hv_netvsc\n set-name: eth0", false)]
    public void A_name_by_address_is_told_unless_the_rule_knows_the_driver(string path, string text, bool isTold)
    {
        using TempRoot root = new TempRoot().With(path, $"{text}\n");
        Assert.Equal(isTold, Text(root, NicNameCheck.Look).Contains("accelerated twin", StringComparison.Ordinal));
    }

    [Fact]
    public void An_accelerated_twin_is_told_by_its_address()
    {
        Link Nic(int index, string name, string driver, byte mac, uint? master = null) =>
            new(index, 1, 0, name, [0, 13, 58, 1, 2, mac], 1500, master, null) { Driver = driver };
        Assert.Equal("", Twins(Nic(2, "eth0", "hv_netvsc", 3), Nic(3, "eth1", "hv_netvsc", 4), Nic(4, "enP1", "mlx5_core", 5)));
        Assert.Contains("eth0 has an accelerated twin, enP1\n", Twins(Nic(2, "eth0", "hv_netvsc", 3), Nic(4, "enP1", "mana", 3, 2)));
        Assert.Contains("enP1, that the kernel does not use", Twins(Nic(2, "eth0", "hv_netvsc", 3), Nic(4, "enP1", "mana", 3)));
    }

    [Fact]
    public void Sshd_is_judged_by_its_includes_and_keys()
    {
        Assert.Contains("nobody can log in over the network", Look(new TempRoot(), Sshd));
        using TempRoot root = new TempRoot()
            .With("/etc/ssh/sshd_config", "Include /etc/ssh/conf.d/*\n")
            .With("/etc/ssh/conf.d/a", "PasswordAuthentication no\n");
        string found = Text(root, Sshd);
        Assert.Contains("/etc/ssh/conf.d/a decides on PasswordAuthentication", found);
        Assert.Contains("no ssh-keygen", found);
        root.With("/usr/bin/ssh-keygen", "").With("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n");
        Assert.DoesNotContain("no ssh-keygen", Text(root, Sshd));
        root.With("/etc/ssh/ssh_host_rsa_key", "");
        Assert.Contains("the same for every machine", Text(root, Sshd));
        System.IO.File.Delete(root.HostPath("/etc/ssh/ssh_host_rsa_key"));
        root.With("/etc/ssh/sshd_config", "HostKey /etc/keys/sshd\n").With("/etc/keys/sshd.pub", "");
        Assert.DoesNotContain("the same for every machine", Text(root, Sshd));
        root.With("/etc/keys/sshd", "");
        Assert.Contains("the same for every machine", Text(root, Sshd));
    }

    /// <summary>Either the image makes them, or a run that is over before sshd starts.</summary>
    [Theory]
    [InlineData("/etc/issue", "", true, true)]
    [InlineData("/etc/rc.local", "/usr/sbin/azprovision-boot\n", true, true)]
    [InlineData("/etc/inittab", "::wait:/usr/sbin/azprovision-boot\n", false, true)]
    [InlineData("/usr/lib/systemd/system-generators/azprovision-generator", "", false, true)]
    [InlineData("/etc/systemd/system/ssh.service.d/keys.conf", "[Service]\nExecStartPre=/usr/bin/ssh-keygen -A\n", false, false)]
    [InlineData("/etc/rc.local", "ssh-keygen -A\n", false, false)]
    public void Host_keys_are_missed_only_where_nobody_makes_them_in_time(string path, string text, bool isMissed, bool isMissedIfKept)
    {
        using TempRoot root = new TempRoot()
            .With("/etc/ssh/sshd_config", "").With("/usr/bin/ssh-keygen", "").With(path, text);
        Assert.Equal(isMissed ? 1 : 0, Warnings(root, Sshd));
        Assert.Equal(isMissedIfKept ? 1 : 0, Warnings(root, (image, found) => SshdCheck.Look(image, HostKeyPolicy.Keep, found)));
    }

    [Theory]
    [InlineData("PubkeyAuthentication no", "line 1: keys let nobody in")]
    [InlineData("AuthorizedKeysFile none", "line 1: no authorized_keys file is read")]
    [InlineData("AllowGroups ssh", "line 1: whom it does not name is not let in")]
    [InlineData("AuthenticationMethods publickey,password", "line 1: machines for which the platform switches passwords off fail (35)")]
    [InlineData("Match User x\nPasswordAuthentication yes", "line 2: the platform's word on passwords does not count there")]
    public void Lines_of_sshd_that_keep_users_out_are_named(string config, string expected)
    {
        using TempRoot root = new TempRoot().With("/etc/ssh/sshd_config", $"{config}\n");
        Assert.Contains($"/etc/ssh/sshd_config {expected}", Text(root, Sshd));
    }

    [Fact]
    public void A_shell_and_a_way_to_become_root_are_missed_only_where_they_are_not()
    {
        using var root = new TempRoot();
        Assert.Equal(2, Findings(root, AccountCheck.Look).Count);
        root.With("/bin/sh", "").With("/usr/bin/sudo", "");
        Assert.Single(Findings(root, AccountCheck.Look));
        root.With("/etc/sudoers", "");
        Assert.Empty(Findings(root, AccountCheck.Look));
    }

    /// <summary>As "make install" and the deb put it; more of that in InstallTests.</summary>
    [Theory]
    [InlineData("/etc/issue", "", false)]
    [InlineData("/etc/rc.local", "/usr/sbin/azprovision-boot\n", true)]
    [InlineData("/etc/rc.local", "# /usr/sbin/azprovision-boot\n", false)]
    [InlineData("/lib/systemd/system-generators/azprovision-generator", "", true)]
    [InlineData("/etc/init.d/azprovision", "", false)]
    [InlineData("/etc/init.d/S30azprovision", "", true)]
    [InlineData("/etc/rc2.d/S01azprovision", "", true)]
    [InlineData("/etc/rc2.d/K01azprovision", "", false)]
    [InlineData("/usr/share/initramfs-tools/hooks/azprovision", "", false)]
    [InlineData("/etc/initramfs-tools/scripts/local-bottom/azprovision", "azprovision-boot\n", true)]
    [InlineData("/etc/initramfs-tools/scripts/local-bottom/azprovision", "", false)]
    public void What_starts_it_is_missed_only_where_it_is_not(string path, string text, bool isStarted)
    {
        using TempRoot root = new TempRoot().With(path, text);
        Assert.Equal(!isStarted, Text(root, StartCheck.Look).Contains("nothing known to azprovision starts it", StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_file_of_the_administrators_turns_the_hook_of_the_initramfs_off()
    {
        using TempRoot root = new TempRoot().With("/usr/share/initramfs-tools/scripts/local-bottom/azprovision", "azprovision-boot\n");
        Assert.Equal(0, Warnings(root, StartCheck.Look));
        root.With("/etc/initramfs-tools/scripts/local-bottom/azprovision", "");
        Assert.Equal(1, Warnings(root, StartCheck.Look));
    }

    [Fact]
    public void A_masked_unit_is_told_unless_something_else_starts_it()
    {
        const string Generator = "/usr/lib/systemd/system-generators/azprovision-generator";
        using TempRoot link = new TempRoot().With(Generator, "").WithLink("/etc/systemd/system/azprovision.service", "/dev/null");
        Assert.Contains("the unit is masked", Text(link, StartCheck.Look));
        using TempRoot empty = new TempRoot().With(Generator, "").With("/etc/systemd/system/azprovision.service", "");
        Assert.Contains("the unit is masked", Text(empty, StartCheck.Look));
        link.With("/usr/share/initramfs-tools/scripts/local-bottom/azprovision", "");
        Assert.Equal(0, Warnings(link, StartCheck.Look));
        empty.With("/etc/systemd/system/azprovision.service", "[Service]\n");
        Assert.Equal(0, Warnings(empty, StartCheck.Look));
    }

    [Fact]
    public void Cloud_init_is_told_unless_it_is_turned_off()
    {
        using TempRoot root = new TempRoot().With("/usr/bin/cloud-init", "");
        Assert.Equal(1, Warnings(root, AgentCheck.Look));
        root.With("/etc/cloud/cloud-init.disabled", "");
        Assert.Equal(0, Warnings(root, AgentCheck.Look));
    }

    /// <summary>As the agent itself reads its file.</summary>
    [Theory]
    [InlineData("/etc/issue", "", "")]
    [InlineData("/usr/sbin/waagent", "", "auto")]
    [InlineData("/etc/waagent.conf", "# Provisioning.Agent=disabled\n", "auto")]
    [InlineData("/etc/waagent.conf", "Provisioning.Agent=\"auto\"\n", "auto")]
    [InlineData("/etc/waagent.conf", "Provisioning.Agent=auto # or so\n", "auto")]
    [InlineData("/etc/waagent.conf", "Provisioning.Agent=None\n", "auto")]
    [InlineData("/etc/waagent.conf", "Provisioning.Agent=disabled\n Provisioning.Agent = waagent \n", "waagent")]
    [InlineData("/etc/waagent.conf", "Provisioning.Agent = disabled\n", "")]
    [InlineData("/etc/waagent.conf", "Provisioning.Agent=\"disabled\" # auto\n", "")]
    [InlineData("/etc/waagent.conf", "Provisioning.Agent=cloud-init\n", "")]
    public void The_azure_linux_agent_is_told_unless_it_is_told_not_to_provision(string path, string text, string agent)
    {
        using TempRoot root = new TempRoot().With(path, text);
        string found = Text(root, AgentCheck.Look);
        Assert.Equal(agent.Length > 0, found.Contains("the Azure Linux Agent", StringComparison.Ordinal));
        Assert.Contains(agent.Length > 0 ? $"(Provisioning.Agent={agent})" : "", found);
    }

    /// <summary>With systemd, and nothing else but this.</summary>
    [Theory]
    [InlineData("/etc/issue", "", true)]
    [InlineData("/etc/netplan/90-default.yaml", "network:\n", false)]
    [InlineData("/etc/network/interfaces", "# iface eth0 inet dhcp\nauto lo\niface lo inet loopback\n", true)]
    [InlineData("/etc/network/interfaces", "auto ens1\niface ens1 inet dhcp\n", false)]
    [InlineData("/etc/network/interfaces.d/eth0", "iface\teth0 inet dhcp\n", false)]
    [InlineData("/etc/systemd/network/ether.network", "", false)]
    [InlineData("/etc/systemd/network/10-eth.link", "", true)]
    [InlineData("/usr/lib/systemd/network/80-container-host0.network", "", true)]
    [InlineData("/usr/lib/systemd/network/80-ether.network", "", false)]
    [InlineData("/etc/systemd/system/lease.service", "ExecStart=/sbin/dhclient -d\n", false)]
    [InlineData("/etc/sysconfig/network-scripts/ifcfg-lo", "", true)]
    [InlineData("/etc/sysconfig/network-scripts/ifcfg-eth0", "", false)]
    [InlineData("/usr/sbin/NetworkManager", "", false)]
    [InlineData("/usr/bin/cloud-init", "", false)]
    [InlineData("/etc/init.d/S40network", "#!/bin/sh\nudhcpc -i eth1\n", false)]
    [InlineData("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"console=ttyS0 ip=dhcp\"\n", false)]
    public void A_network_is_missed_only_where_nothing_could_make_one(string path, string text, bool isMissed)
    {
        using TempRoot root = new TempRoot().With("/lib/systemd/systemd", "").With(path, text);
        Assert.Equal(isMissed ? 1 : 0, Warnings(root, (image, found) => NetworkCheck.Look(image, OptionsOf(), found)));
        Assert.Equal(0, Warnings(root, (image, found) => NetworkCheck.Look(image, OptionsOf("--keep-network"), found)));
    }

    /// <summary>Where nobody knows how the init of an image works, nothing is missed.</summary>
    [Theory]
    [InlineData("/etc/inittab", 1)]
    [InlineData("/sbin/init", 0)]
    public void A_network_is_missed_only_with_an_init_that_is_known(string init, int warnings)
    {
        using TempRoot root = new TempRoot().With(init, "");
        Assert.Equal(warnings, Warnings(root, (image, found) => NetworkCheck.Look(image, OptionsOf(), found)));
    }

    [Fact]
    public void A_home_of_its_own_is_out_of_reach_for_an_initramfs()
    {
        using TempRoot root = new TempRoot().With("/usr/share/initramfs-tools/scripts/local-bottom/azprovision", "");
        Assert.Equal(0, Warnings(root, StartCheck.Look));
        root.With("/etc/fstab", "/dev/sda2 /var xfs defaults 0 2\n");
        Assert.Contains("/var is a file system of its own", Text(root, StartCheck.Look));
    }

    [Fact]
    public void Programs_that_only_some_machines_need_are_noted()
    {
        using var root = new TempRoot();
        Assert.Equal(2, Findings(root, AgentCheck.Look).Count(finding => finding.Severity == Severity.Note));
        root.With("/usr/sbin/hv_kvp_daemon", "").With("/usr/sbin/azure-proxy-agent", "");
        Assert.DoesNotContain(Findings(root, AgentCheck.Look), finding => finding.Severity == Severity.Note);
    }

    [Theory]
    [InlineData("/etc/machine-id", "0123456789abcdef0123456789abcdef\n", true)]
    [InlineData("/etc/machine-id", "uninitialized\n", false)]
    [InlineData("/etc/machine-id", "", false)]
    [InlineData("/var/lib/azprovision/4e3f1d2a-90ab-4c1d-8e2f-0123456789ab.provisioned", "", true)]
    [InlineData("/var/lib/azprovision/custom-data", "", false)]
    public void What_a_machine_left_in_the_image_is_told(string path, string content, bool isTold)
    {
        using TempRoot root = new TempRoot().With(path, content);
        Assert.Equal(isTold ? 1 : 0, Warnings(root, (image, found) => LeftoverCheck.Look(image, new State("/var/lib/azprovision"), found)));
    }

    [Fact]
    public void A_table_is_a_line_for_each_finding_whatever_files_are_called()
    {
        var findings = new Findings();
        findings.Warn("network", "/etc/netplan/a\n\u001b[2J.yaml", "b");
        findings.Note("a", "c");
        Assert.Equal(
            "warning  network  /etc/netplan/a??[2J.yaml; to do: b\nnote     a        c\n",
            Encoding.UTF8.GetString(FindingText.Table(findings.All)));
    }

    private static void Sshd(Image image, Findings findings) => SshdCheck.Look(image, HostKeyPolicy.Auto, findings);

    private static Options OptionsOf(params string[] flags) =>
        Options.From([], [], SettingSources.FromArguments(flags), _ => { });

    private static string Twins(params Link[] links)
    {
        var findings = new Findings();
        NicNameCheck.LookAtLinks(links, findings);
        return Encoding.UTF8.GetString(FindingText.Table(findings.All));
    }

    private static int Warnings(TempRoot root, Action<Image, Findings> look) =>
        Findings(root, look).Count(finding => finding.Severity == Severity.Warning);

    private static TempRoot Modules(string[] builtIn, string[] loadable) => new TempRoot()
        .With($"/lib/modules/{Kernel}/modules.builtin", string.Concat(builtIn.Select(name => $"kernel/drivers/{name}.ko\n")))
        .With($"/lib/modules/{Kernel}/modules.dep", string.Concat(loadable.Select(name => $"kernel/drivers/{name}.ko.xz:\n")));

    private static string Look(TempRoot root, Action<Image, Findings> look)
    {
        using (root)
        {
            return Text(root, look);
        }
    }

    private static string Text(TempRoot root, Action<Image, Findings> look) =>
        Encoding.UTF8.GetString(FindingText.Table(Findings(root, look)));

    private static IReadOnlyList<Finding> Findings(TempRoot root, Action<Image, Findings> look)
    {
        using var planned = new PlannedRoot(root.Files);
        var findings = new Findings();
        look(new Image(planned, IsRunning: false), findings);
        return findings.All;
    }
}
