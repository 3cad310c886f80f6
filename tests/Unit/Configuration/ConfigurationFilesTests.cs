using System;
using System.Collections.Generic;
using Azprovision.Configuration;
using Azprovision.Tests.Platform;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Configuration;

public sealed class ConfigurationFilesTests : IDisposable
{
    private const string Own = "/etc/azprovision.conf";
    private const string Vendors = "/usr/lib/azprovision.conf";

    private readonly TempRoot _root = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Without_any_there_is_no_setting() => Assert.Empty(Read());

    [Fact]
    public void The_administrators_file_stands_in_the_place_of_the_vendors()
    {
        _root.With(Vendors, "log = vendor\n");
        Assert.Equal(["/usr/lib/azprovision.conf line 1: log=vendor"], Read());
        _root.With(Own, "# mine\nlog = own\n");
        Assert.Equal(["/etc/azprovision.conf line 2: log=own"], Read());
    }

    [Fact]
    public void Drop_ins_of_both_come_after_it_by_name_and_of_one_name_the_administrators_alone()
    {
        _root.With(Own, "log = own\n")
            .With($"{Vendors}.d/10-a.conf", "log = v10\n")
            .With($"{Vendors}.d/30-c.conf", "log = v30\n")
            .With($"{Vendors}.d/40-d.conf", "log = v40\n")
            .With($"{Vendors}.d/README", "log = readme\n")
            .With($"{Own}.d/20-b.conf", "log = o20\n")
            .With($"{Own}.d/30-c.conf", "log = o30\n")
            .With($"{Own}.d/50.conf~", "log = backup\n");
        Assert.Equal(
            [
                "/etc/azprovision.conf line 1: log=own",
                "/usr/lib/azprovision.conf.d/10-a.conf line 1: log=v10",
                "/etc/azprovision.conf.d/20-b.conf line 1: log=o20",
                "/etc/azprovision.conf.d/30-c.conf line 1: log=o30",
                "/usr/lib/azprovision.conf.d/40-d.conf line 1: log=v40",
            ],
            Read());
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_empty_file_or_a_link_to_dev_null_hides_the_vendors(bool hasDevices)
    {
        // As in a running system; in an initramfs, where the root's /dev is empty yet, the link leads nowhere.
        if (hasDevices)
        {
            Tool.Run("mknod", _root.WithDirectory("/dev").HostPath("/dev/null"), "c", "1", "3");
        }

        _root.With(Vendors, "log = vendor\n").With($"{Vendors}.d/a.conf", "log = a\n").With($"{Vendors}.d/b.conf", "log = b\n");
        _root.WithLink(Own, "/dev/null").WithLink($"{Own}.d/a.conf", "../../dev/null").With($"{Own}.d/b.conf", "");
        Assert.Empty(Read());
        Assert.Empty(_warnings);
    }

    [Fact]
    public void An_error_names_file_and_line()
    {
        _root.With($"{Own}.d/a.conf", "log = x\n\nnonsense\n").With($"{Own}.d/b.conf", new string('#', 70_000));
        Assert.Equal(
            [
                "/etc/azprovision.conf.d/a.conf line 1: log=x",
                "/etc/azprovision.conf.d/a.conf line 3: 'nonsense' is not 'name = value'=",
                "'/etc/azprovision.conf.d/b.conf' has 70000 bytes, at most 65536 are read=",
            ],
            Read());
    }

    [Fact]
    public void What_is_no_file_is_passed_over_with_a_warning_and_hides_nothing()
    {
        _root.WithDirectory(Own).WithDirectory($"{Own}.d/a.conf").WithLink($"{Own}.d/b.conf", "nowhere").WithDirectory($"{Own}.d/c.conf");
        _root.With(Vendors, "log = vendor\n").With($"{Vendors}.d/a.conf", "log = a\n").With($"{Vendors}.d/b.conf", "log = b\n");
        Assert.Equal(
            [
                "/usr/lib/azprovision.conf line 1: log=vendor",
                "/usr/lib/azprovision.conf.d/a.conf line 1: log=a",
                "/usr/lib/azprovision.conf.d/b.conf line 1: log=b",
            ],
            Read());
        Assert.Equal(
            [
                "'/etc/azprovision.conf' is not a regular file, ignoring",
                "'/etc/azprovision.conf.d/a.conf' is not a regular file, ignoring",
                "'/etc/azprovision.conf.d/b.conf' is a link that leads nowhere, ignoring",
                "'/etc/azprovision.conf.d/c.conf' is not a regular file, ignoring",
            ],
            _warnings);
    }

    private string[] Read() =>
        [.. ConfigurationFiles.Read(_root.Files, _warnings).ConvertAll(setting => $"{setting.Place}={setting.Value}")];
}
