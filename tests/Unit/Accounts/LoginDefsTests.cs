using System.Text;
using Azprovision.Accounts;
using Xunit;

namespace Azprovision.Tests.Unit.Accounts;

public class LoginDefsTests
{
    [Theory]
    [InlineData("", 1000u, 60000u)]
    [InlineData("UID_MIN 500\nUID_MAX\t\t0x1000 \r\n", 500u, 4096u)]
    [InlineData("#UID_MIN 500\n  UID_MIN   0100\nUID_MAX 50000 # why\n", 64u, 50000u)]
    [InlineData("UID_MIN 1\nUID_MIN 2\n", 2u, 60000u)]
    [InlineData("UID_MIN\nUID_MAX -5\n", 1000u, 60000u)]
    [InlineData("UID_MIN 0\nUID_MAX 089\n", 1u, 60000u)]
    [InlineData("UID_MIN 99999999999\nUID_MAX 0xZZ\n", 1000u, 60000u)]
    public void Numbers_are_read_as_in_C_and_nonsense_is_the_default(string content, uint min, uint max)
    {
        var defs = new LoginDefs(Encoding.Latin1.GetBytes(content));
        Assert.Equal((min, max), (defs.UidMin, defs.UidMax));
    }

    [Theory]
    [InlineData("", 0x1C0u)]
    [InlineData("HOME_MODE 0750", 0x1E8u)]
    [InlineData("HOME_MODE 755", 0x1EDu)]
    [InlineData("UMASK 027", 0x1E8u)]
    [InlineData("UMASK 22\nHOME_MODE 0700", 0x1C0u)]
    [InlineData("UMASK 002", 0x1EDu)]
    [InlineData("UMASK 000", 0x1EDu)]
    [InlineData("HOME_MODE 0770", 0x1E8u)]
    [InlineData("HOME_MODE 2775", 0x5EDu)]
    [InlineData("UMASK 08", 0x1C0u)]
    [InlineData("HOME_MODE 99999", 0x1C0u)]
    [InlineData("HOME_MODE 77777", 0x1C0u)]
    public void The_mode_of_a_home_is_octal_and_by_default_0700(string content, uint mode) =>
        Assert.Equal(mode, new LoginDefs(Encoding.Latin1.GetBytes(content)).HomeMode);

    [Theory]
    [InlineData("", "0:99999:7")]
    [InlineData("PASS_MAX_DAYS 90\nPASS_MIN_DAYS 1\nPASS_WARN_AGE -1\n", "1:90:")]
    [InlineData("PASS_MAX_DAYS ninety\n", "0:99999:7")]
    public void Password_aging_is_what_shadow_takes(string content, string fields)
    {
        PasswordAging aging = new LoginDefs(Encoding.Latin1.GetBytes(content)).Aging;
        Assert.Equal(fields, $"{aging.MinDays}:{aging.MaxDays}:{aging.WarnDays}");
    }

    [Theory]
    [InlineData("", "/home", null, "/etc/skel")]
    [InlineData("HOME=/data/home\nSHELL=/bin/zsh\nSKEL=/usr/share/skel\r\n", "/data/home", "/bin/zsh", "/usr/share/skel")]
    [InlineData("SHELL=/bin/sh\nINACTIVE=-1\n", "/home", null, "/etc/skel")]
    [InlineData("# SHELL=/bin/zsh\nHOME=home\nSKEL=/a:b\nSHELL=\n", "/home", null, "/etc/skel")]
    public void Defaults_of_useradd_are_absolute_paths_or_ignored(string content, string home, string? shell, string skel) =>
        Assert.Equal(new UserDefaults(home, shell, skel, null, ""), UserDefaults.Parse(Encoding.Latin1.GetBytes(content)));
}
