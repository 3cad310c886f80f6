using System;
using Azprovision.Files;
using Azprovision.Settings;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Settings;

public sealed class SerialConsoleTests : IDisposable
{
    private const string Template = "/lib/systemd/system/serial-getty@.service";
    private const string Active = "/sys/class/tty/console/active";

    private readonly TempRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("S0:2345:respawn:/sbin/getty -L ttyS0 115200 vt100", true)]
    [InlineData("ttyAMA0::respawn:/sbin/getty -L 0 ttyAMA0 vt100", true)]
    [InlineData("#ttyS0::respawn:/sbin/getty -L 0 ttyS0 vt100", false)]
    [InlineData("1:2345:respawn:/sbin/getty 38400 tty1", false)]
    [InlineData("~~:S:wait:/sbin/sulogin", false)]
    public void Inittab_tells_by_its_lines(string line, bool expected)
    {
        _root.With("/etc/inittab", $"# a\n{line}\n");
        Assert.Equal(expected, SerialConsole.TakesLogins(new PlannedRoot(_root.Files), _root.Files));
    }

    [Theory]
    [InlineData("/etc/systemd/system/getty.target.wants/serial-getty@ttyS0.service", true)]
    [InlineData("/etc/systemd/system/getty.target.wants/getty@tty1.service", false)]
    [InlineData("/etc/runlevels/default/agetty.ttyS0", true)]
    [InlineData("/etc/runit/runsvdir/default/agetty-hvc0", true)]
    public void A_service_of_the_line_is_enough(string path, bool expected)
    {
        _root.WithLink(path, "/somewhere");
        Assert.Equal(expected, SerialConsole.TakesLogins(new PlannedRoot(_root.Files), _root.Files));
    }

    [Theory]
    [InlineData("tty0 ttyS0\n", true)]
    [InlineData("tty0\n", false)]
    public void Systemd_has_one_on_the_kernels_serial_console(string active, bool expected)
    {
        _root.With(Active, active);
        Assert.False(SerialConsole.TakesLogins(new PlannedRoot(_root.Files), _root.Files));
        _root.With(Template, "");
        Assert.Equal(expected, SerialConsole.TakesLogins(new PlannedRoot(_root.Files), _root.Files));
        _root.WithLink("/etc/systemd/system/serial-getty@.service", "/dev/null");
        Assert.False(SerialConsole.TakesLogins(new PlannedRoot(_root.Files), _root.Files));
    }
}
