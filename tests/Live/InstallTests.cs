using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>What "make install" and the targets of the inits put into an image. Those files at work: tests/Boot.</summary>
public sealed class InstallTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-image-").FullName;
    private readonly string _image;

    // A blank is in many a path of a builder's.
    public InstallTests() => _image = Directory.CreateDirectory(Path.Combine(_directory, "my image")).FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Each_script_of_the_repository_passes_shellcheck()
    {
        List<string> scripts = [.. Directory.GetFiles(Repository.PathOf("."), "*.sh"), Repository.PathOf(".ci/run")];
        foreach (string directory in (string[])["src/boot", "src/package", "tests"])
        {
            foreach (string file in Directory.GetFiles(Repository.PathOf(directory), "*", SearchOption.AllDirectories))
            {
                if (IsShellScript(file) && !file.Contains("/tests/Cases/", StringComparison.Ordinal))
                {
                    scripts.Add(file);
                }
            }
        }

        Assert.Equal("", Tool.Try("shellcheck", scripts).Output);
    }

    [Theory]
    [InlineData("rclocal", "etc/rc.local")]
    [InlineData("sysvinit", "etc/init.d/azprovision")]
    [InlineData("openrc", "etc/init.d/azprovision")]
    [InlineData("systemd", "opt/lib/systemd/system/azprovision.service", "opt/lib/systemd/system-generators/azprovision-generator")]
    [InlineData("initramfs-tools", "usr/share/initramfs-tools/hooks/azprovision", "usr/share/initramfs-tools/scripts/local-bottom/azprovision")]
    [InlineData("dracut", "usr/lib/dracut/modules.d/95azprovision/azprovision.sh", "usr/lib/dracut/modules.d/95azprovision/module-setup.sh")]
    [InlineData("mkinitcpio", "usr/lib/initcpio/hooks/azprovision", "usr/lib/initcpio/install/azprovision")]
    public void A_target_installs_the_program_and_the_files_of_its_init_only(string init, params string[] files)
    {
        Install(init, "PREFIX=/opt");

        List<string> expected = ["opt/sbin/azprovision", "opt/sbin/azprovision-boot", .. files];
        expected.Sort(StringComparer.Ordinal);
        Assert.Equal(expected, Installed());
        foreach (string file in files)
        {
            if (new FileInfo(Path.Combine(_image, file)).LinkTarget is { } target)
            {
                Assert.Equal("../../../sbin/azprovision", target);
                continue;
            }

            string text = Read(file);
            Assert.Contains("/opt/sbin/azprovision", text, StringComparison.Ordinal);
            Assert.DoesNotContain("/usr/sbin/azprovision", text, StringComparison.Ordinal);
        }

        Assert.Equal("", Make($"uninstall-{init}", "PREFIX=/opt").Errors);
        Assert.Equal(["opt/sbin/azprovision", "opt/sbin/azprovision-boot"], Installed());
        Assert.Equal("", Make("uninstall", "PREFIX=/opt").Errors);
        Assert.Empty(Installed());
    }

    /// <summary>systemd looks in one of /lib and /usr/lib for generators, in both for units.</summary>
    [Fact]
    public void The_generator_is_where_systemd_looks_though_lib_is_no_link()
    {
        const string Generator = "lib/systemd/system-generators/azprovision-generator";
        string lib = Directory.CreateDirectory(Path.Combine(_image, Path.GetDirectoryName(Generator)!)).FullName;

        Install("systemd");

        Assert.Equal("/usr/sbin/azprovision", new FileInfo(Path.Combine(_image, Generator)).LinkTarget);
        Assert.Equal("", Make("uninstall-systemd").Errors);
        Assert.Empty(Directory.GetFileSystemEntries(lib));
    }

    /// <summary>An absolute link, as some images have it, leads out of the image.</summary>
    [Fact]
    public void Nothing_is_installed_or_removed_through_a_link_in_the_place_of_lib()
    {
        string elsewhere = Path.Combine(_directory, "elsewhere");
        string other = Path.Combine(elsewhere, "systemd/system-generators/azprovision-generator");
        Directory.CreateDirectory(Path.GetDirectoryName(other)!);
        File.WriteAllText(other, "other");
        File.CreateSymbolicLink(Path.Combine(_image, "lib"), elsewhere);

        Install("systemd");
        Assert.Equal("", Make("uninstall-systemd").Errors);

        Assert.Equal("other", File.ReadAllText(other));
    }

    [Fact]
    public void An_overlay_of_buildroot_gets_its_scripts_and_mount_points()
    {
        Install("buildroot");

        Assert.Equal(
            ["etc/init.d/S30azprovision", "usr/sbin/azprovision", "usr/sbin/azprovision-boot", "usr/sbin/preinit"], Installed());
        Assert.True(Directory.Exists(Path.Combine(_image, "data")) && Directory.Exists(Path.Combine(_image, "overlay")));
        Assert.Equal("", Make("uninstall-buildroot").Errors);
        Assert.Equal(["usr/sbin/azprovision", "usr/sbin/azprovision-boot"], Installed());
    }

    /// <summary>An absolute link of the image's leads to a file of this machine.</summary>
    [Theory]
    [InlineData("rclocal", "etc/rc.local")]
    [InlineData("inittab", "etc/inittab")]
    [InlineData("sysvinit", "etc/init.d")]
    [InlineData("openrc", "etc/init.d")]
    [InlineData("buildroot", "etc/init.d")]
    [InlineData("systemd", "usr/sbin")]
    [InlineData("systemd", "usr/lib/systemd")]
    [InlineData("initramfs-tools", "usr/share/initramfs-tools")]
    [InlineData("dracut", "usr/lib/dracut")]
    [InlineData("mkinitcpio", "usr/lib/initcpio")]
    [InlineData("man", "usr/share/man")]
    [InlineData("completion", "usr/share")]
    public void Nothing_is_changed_through_a_link_that_leads_out_of_the_image(string init, string path)
    {
        Write("etc/inittab", "::sysinit:/etc/init.d/rcS\n");
        Install(init);
        string elsewhere = Path.Combine(_directory, "elsewhere");
        string link = Path.Combine(_image, path);
        Directory.Move(link, elsewhere);
        File.CreateSymbolicLink(link, elsewhere);
        string before = Names();

        foreach (string target in (string[])[$"install-{init}", path == "usr/sbin" ? "uninstall" : $"uninstall-{init}"])
        {
            Tool make = Make(target);
            Assert.Contains($"a link leads to {elsewhere}", make.Errors, StringComparison.Ordinal);
            Assert.NotEqual(0, make.ExitCode);
        }

        Assert.Equal(before, Names());

        string Names() => Tool.Run("find", elsewhere, "-printf", "%p %i %s %T@ %C@\n");
    }

    [Fact]
    public void A_link_to_elsewhere_in_the_image_is_followed()
    {
        Directory.CreateDirectory(Path.Combine(_image, "etc/rc.d/init.d"));
        File.CreateSymbolicLink(Path.Combine(_image, "etc/init.d"), "rc.d/init.d");

        Install("sysvinit");

        Assert.True(File.Exists(Path.Combine(_image, "etc/rc.d/init.d/azprovision")));
        Assert.Equal("", Make("uninstall-sysvinit").Errors);
        Assert.False(File.Exists(Path.Combine(_image, "etc/rc.d/init.d/azprovision")));
    }

    [Fact]
    public void An_image_for_another_architecture_gets_the_program_for_that()
    {
        string other = Path.Combine(_directory, "other");
        File.WriteAllText(other, "for another architecture");

        Install("systemd", $"PROGRAM={other}");

        Assert.Equal("for another architecture", Read("usr/sbin/azprovision"));
    }

    [Theory]
    [InlineData("::sysinit:/etc/init.d/rcS\n")]
    [InlineData("::sysinit:/etc/init.d/rcS")]
    [InlineData("::sysinit:/etc/init.d/caf\u00E9\n::respawn:/sbin/getty 115200 ttyS0\n")]
    [InlineData("::sysinit:/etc/init.d/rcS\n# not yet: azprovision-boot\n")]
    public void The_inittab_gets_its_line_once_and_keeps_all_others(string text)
    {
        Write("etc/inittab", text);
        Write("etc/inittab.new", "mine");

        Install("inittab");
        Install("inittab");

        string[] added = ["::wait:/usr/sbin/azprovision-boot", ""];
        Assert.Equal(
            [.. text.TrimEnd('\n').Split('\n'), .. added],
            Array.FindAll(Read("etc/inittab").Split('\n'), line => !line.StartsWith("# BusyBox", StringComparison.Ordinal)
                && !line.StartsWith("# Off", StringComparison.Ordinal)));
        Assert.Equal("", Make("uninstall-inittab").Errors);
        Assert.Equal(text.TrimEnd('\n') + "\n", Read("etc/inittab"));
        Assert.Equal(["etc/inittab", "etc/inittab.new", "usr/sbin/azprovision", "usr/sbin/azprovision-boot"], Installed());
    }

    [Fact]
    public void An_inittab_that_cannot_be_searched_is_left_as_it_is()
    {
        Write("etc/inittab", "::sysinit:/etc/init.d/rcS\n");

        Tool make = Tool.Try("env", PathWith("grep", "exit 2"),
            "make", "-s", "-C", Repository.PathOf("."), "uninstall-inittab", $"DESTDIR={_image}");

        Assert.NotEqual(0, make.ExitCode);
        Assert.Equal(["etc/inittab"], Installed());
        Assert.Equal("::sysinit:/etc/init.d/rcS\n", Read("etc/inittab"));
    }

    [Theory]
    [InlineData("rclocal", "etc/rc.local", "#!/bin/sh\nexit 0\n", "is there: make install, and put the call of src/boot/rc.local into it")]
    [InlineData("rclocal", "etc/rc.local", "#!/bin/sh\n# Not azprovision-boot.\nexit 0\n", "is there: make install, and put the call")]
    [InlineData("rclocal", "etc/rc.local", "#!/bin/sh\n/usr/sbin/azprovision-boot\n", "cannot be executed: chmod +x")]
    [InlineData("inittab", "etc/inittab", "id:2:initdefault:\nsi::sysinit:/etc/init.d/rcS\n", "is sysvinit's, not BusyBox's")]
    [InlineData("inittab", "etc/fstab", "", "inittab is not there")]
    public void What_is_for_the_builder_to_do_is_said_before_anything_is_installed(
        string init, string file, string text, string message)
    {
        Write(file, text);

        Tool make = Make($"install-{init}");

        Assert.NotEqual(0, make.ExitCode);
        Assert.Contains(message, make.Errors, StringComparison.Ordinal);
        Assert.Equal([file], Installed());
        Assert.Equal(text, Read(file));
    }

    [Fact]
    public void An_rc_local_with_the_call_in_it_is_kept_and_its_end_is_the_builders()
    {
        const string Text = "#!/bin/sh\n/usr/sbin/azprovision-boot\n/usr/bin/mine\n";
        Write("etc/rc.local", Text);
        File.SetUnixFileMode(Path.Combine(_image, "etc/rc.local"), (UnixFileMode)0x1ED);   // 0755
        Write("etc/rc.local.installed", "mine");

        Install("rclocal");
        Tool uninstall = Make("uninstall-rclocal");

        Assert.NotEqual(0, uninstall.ExitCode);
        Assert.Contains("rc.local is not as it was installed", uninstall.Errors, StringComparison.Ordinal);
        Assert.Equal(["etc/rc.local", "etc/rc.local.installed", "usr/sbin/azprovision", "usr/sbin/azprovision-boot"], Installed());
        Assert.Equal(Text + "mine", Read("etc/rc.local") + Read("etc/rc.local.installed"));
    }

    /// <summary>dpkg -r leaves the script, and the links of the runlevels to it.</summary>
    [Fact]
    public void The_script_of_sysvinit_does_nothing_when_the_program_is_gone()
    {
        Install("sysvinit", "PREFIX=/nowhere");

        Tool script = Tool.Try("dash", Path.Combine(_image, "etc/init.d/azprovision"), "start");

        Assert.Equal((0, ""), (script.ExitCode, script.Output + script.Errors));
    }

    [Theory]
    [InlineData("x86_64", "amd64 arm64")]
    [InlineData("aarch64", "arm64")]
    public void Packages_are_made_for_what_this_machine_can_build(string machine, string architectures)
    {
        string path = PathWith("uname", $"echo {machine}");

        string commands = Tool.Run("env", path, "make", "-n", "-C", Repository.PathOf("."), "packages", "relink-kit");

        Assert.Contains($"src/package/package.sh {architectures}\n", commands, StringComparison.Ordinal);
        Assert.Contains($"src/package/relink-kit.sh {architectures}\n", commands, StringComparison.Ordinal);
        Assert.Equal(architectures.Contains("amd64", StringComparison.Ordinal), commands.Contains("--arch arm64", StringComparison.Ordinal));
    }

    /// <summary>With what else there is to do for it: a link, or a line in a file.</summary>
    [Theory]
    [InlineData("rclocal")]
    [InlineData("inittab")]
    [InlineData("sysvinit", "etc/rc2.d/S01azprovision", "../init.d/azprovision")]
    [InlineData("openrc", "etc/runlevels/default/azprovision", "/etc/init.d/azprovision")]
    [InlineData("buildroot")]
    [InlineData("systemd")]
    [InlineData("initramfs-tools")]
    [InlineData("dracut")]
    [InlineData("mkinitcpio", "etc/mkinitcpio.conf", "HOOKS=(base udev filesystems azprovision)")]
    public void Check_sees_that_it_is_started_and_that_it_is_not(string init, string? path = null, string target = "")
    {
        const string Missing = "nothing known to azprovision starts it";
        Write("etc/inittab", "::sysinit:/etc/init.d/rcS\n");
        Assert.Contains(Missing, Check(), StringComparison.Ordinal);

        Install(init);
        if (path is not null)
        {
            Assert.Contains(Missing, Check(), StringComparison.Ordinal);
            Write(path, target);
            if (!path.EndsWith(".conf", StringComparison.Ordinal))
            {
                File.Delete(Path.Combine(_image, path));
                File.CreateSymbolicLink(Path.Combine(_image, path), target);
            }
        }

        Assert.DoesNotContain(Missing, Check(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_manual_and_the_completions_go_where_they_are_looked_for()
    {
        Assert.Equal("", Make("install-man").Errors + Make("install-completion").Errors);

        string[] expected =
        [
            "usr/share/bash-completion/completions/azprovision", "usr/share/man/man5/azprovision.conf.5",
            "usr/share/man/man7/azprovision-appliance.7", "usr/share/man/man8/azprovision.8", "usr/share/zsh/site-functions/_azprovision",
        ];
        Assert.Equal(expected, Installed());
        Assert.Equal("", Make("uninstall-man").Errors + Make("uninstall-completion").Errors);
        Assert.Empty(Installed());
    }

    /// <summary>Debian has no mkinitcpio: its functions are played, as mkinitcpio(8) describes them.</summary>
    [Fact]
    public void Mkinitcpio_gets_the_program_the_drivers_and_a_late_hook()
    {
        Install("mkinitcpio");

        string said = Tool.Run("bash", "-euc", """
            for name in add_module add_binary add_file add_runscript; do
              eval "$name() { echo $name \"\$@\"; }"
            done
            . "$1/usr/lib/initcpio/install/azprovision"
            build && help
            """, "bash", _image);
        string hook = Tool.Run("dash", "-euc", """. "$1/usr/lib/initcpio/hooks/azprovision" && command -v run_latehook""", "dash", _image);

        Assert.Contains("add_module sr_mod?\n", said, StringComparison.Ordinal);
        Assert.Contains("add_module hv_netvsc?\n", said, StringComparison.Ordinal);
        Assert.Contains("add_binary /usr/sbin/azprovision\n", said, StringComparison.Ordinal);
        Assert.Contains("add_file /usr/sbin/azprovision-boot /usr/sbin/azprovision-boot 755\n", said, StringComparison.Ordinal);
        Assert.Contains("add_runscript\n", said, StringComparison.Ordinal);
        Assert.Equal("run_latehook\n", hook);
    }

    private static bool IsShellScript(string file)
    {
        using var text = new StreamReader(file);
        return text.ReadLine() is ['#', '!', .. string interpreter]
            && (interpreter.EndsWith("sh", StringComparison.Ordinal) || interpreter.EndsWith("openrc-run", StringComparison.Ordinal));
    }

    private void Install(string init, params string[] variables) => Assert.Equal("", Make($"install-{init}", variables).Errors);

    // In a locale where not every byte is a character.
    private Tool Make(string target, params string[] variables) => Tool.Try(
        "env", ["LC_ALL=C.UTF-8", "make", "-s", "-C", Repository.PathOf("."), target, $"DESTDIR={_image}", .. variables]);

    /// <summary>PATH with a program of this name before all others.</summary>
    private string PathWith(string program, string command)
    {
        string programs = Directory.CreateDirectory(Path.Combine(_directory, "programs")).FullName;
        File.WriteAllText(Path.Combine(programs, program), $"#!/bin/sh\n{command}\n");
        File.SetUnixFileMode(Path.Combine(programs, program), (UnixFileMode)0x1ED);   // 0755
        return $"PATH={programs}:{Environment.GetEnvironmentVariable("PATH")}";
    }

    private string Check() => Tool.Try(
        "unshare", "-mun", "--fork", Repository.Binary, "check", "--root", _image, "--wireserver", "127.0.0.1:1", "--imds", "none").Output;

    private List<string> Installed()
    {
        List<string> files = [];
        foreach (string file in Directory.GetFiles(_image, "*", SearchOption.AllDirectories))
        {
            files.Add(Path.GetRelativePath(_image, file));
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private string Read(string path) => File.ReadAllText(Path.Combine(_image, path), Encoding.Latin1);

    private void Write(string path, string text)
    {
        string file = Path.Combine(_image, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text, Encoding.Latin1);
    }
}
