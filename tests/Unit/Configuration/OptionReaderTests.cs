using System;
using System.Collections.Generic;
using Azprovision.Configuration;
using Azprovision.Files;
using Azprovision.Spec;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Configuration;

/// <summary>Which root is opened, the kernel's own being a directory here.</summary>
public sealed class OptionReaderTests : IDisposable
{
    private readonly TempRoot _kernel = new();
    private readonly TempRoot _other = new();
    private readonly List<string> _warnings = [];

    public void Dispose()
    {
        _kernel.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void A_root_that_a_kernel_argument_names_is_opened_and_a_flag_wins()
    {
        _kernel.With("/proc/cmdline", $"azprovision.root={_other.Path}\n");
        Assert.Equal(_other.Path, PathOfRoot());
        _kernel.With("/proc/cmdline", "azprovision.root=/typo\n");
        Assert.Equal(_other.Path, PathOfRoot("--root", _other.Path));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void One_that_is_not_there_is_only_a_warning()
    {
        _kernel.With("/proc/cmdline", "azprovision.root=/no/such azprovision.timeout=7\n").With("/etc/azprovision.conf", "swap = 8\n");
        Options options = OptionReader.Read([], _kernel.Files, out SystemRoot root, _warnings);
        Assert.Same(_kernel.Files, root);
        Assert.Equal((7, 8), ((int)options.Timeout.TotalSeconds, options.SwapMebibytes));
        Assert.Equal(["kernel argument azprovision.root: open '/no/such': No such file or directory, ignoring"], _warnings);
    }

    [Fact]
    public void One_that_a_flag_names_has_to_be_there() => Assert.Equal(
        Failure.Usage, Assert.Throws<ProvisioningException>(() => PathOfRoot("--root", "/no/such")).Failure);

    private string PathOfRoot(params string[] flags)
    {
        OptionReader.Read(OptionReader.ReadFlags(flags), _kernel.Files, out SystemRoot root, _warnings);
        using (root)
        {
            return root.Path;
        }
    }
}
