using System;
using System.Collections.Generic;
using Azprovision.Native;

namespace Azprovision.Check;

/// <summary>A kernel that a root has or runs, as far as its version, its configuration and the list of its modules tell.</summary>
internal sealed class KernelBuild
{
    private readonly string? _configuration;
    private readonly string _modules;
    private readonly bool _hasAllModules;

    private KernelBuild(Image image, string version)
    {
        Version = version;
        _configuration = (image.IsRunning ? image.TryUnpackText("/proc/config.gz") : null)
            ?? image.TryReadText($"/boot/config-{version}")
            ?? image.TryReadText($"/lib/modules/{version}/config")
            ?? image.TryReadText($"/lib/modules/{version}/build/.config");
        string directory = $"/lib/modules/{version}";
        string? builtIn = image.TryReadText($"{directory}/modules.builtin");
        string? loadable = image.TryReadText($"{directory}/modules.dep");
        _modules = $"/{builtIn}\n/{loadable}";
        _hasAllModules = builtIn is not null;
    }

    internal string Version { get; }

    /// <summary>The list of all drivers is there, or the configuration.</summary>
    internal bool IsKnown => _hasAllModules || _configuration is not null;

    /// <summary>Of a machine that has no IDE controller.</summary>
    internal bool IsForArm => Setting("CONFIG_ARM64") == "y"
        || Version.EndsWith("arm64", StringComparison.Ordinal) || Version.EndsWith("aarch64", StringComparison.Ordinal);

    internal bool HasConfiguration => _configuration is not null;

    /// <summary>The running kernel, or all that a root has modules or a configuration of.</summary>
    internal static List<KernelBuild> Find(Image image)
    {
        if (image.IsRunning)
        {
            return [new KernelBuild(image, Libc.KernelRelease())];
        }

        const string Configuration = "config-";
        var versions = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string name in image.Root.NamesIn("/lib/modules"))
        {
            if (image.Has($"/lib/modules/{name}/modules.dep") || image.Has($"/lib/modules/{name}/modules.builtin"))
            {
                versions.Add(name);
            }
        }

        foreach (string name in image.Root.NamesIn("/boot"))
        {
            if (name.StartsWith(Configuration, StringComparison.Ordinal))
            {
                versions.Add(name[Configuration.Length..]);
            }
        }

        var kernels = new List<KernelBuild>();
        foreach (string version in versions)
        {
            kernels.Add(new KernelBuild(image, version));
        }

        return kernels;
    }

    /// <summary>"y", "m", or null: not set, or not known.</summary>
    internal string? Setting(string option)
    {
        foreach (string value in (string[])["y", "m"])
        {
            if (_configuration?.Contains($"\n{option}={value}\n", StringComparison.Ordinal) ?? false)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Whether the driver is in the kernel or among its modules; null: that is not known.</summary>
    internal bool? Has(Driver driver) =>
        ListsModule(driver.Name) || Setting(driver.Option) == "y" ? true
        : IsKnown ? false
        : null;

    private bool ListsModule(string name) =>
        _modules.Contains($"/{name}.ko", StringComparison.Ordinal)
        || _modules.Contains($"/{name.Replace('_', '-')}.ko", StringComparison.Ordinal);

    public override string ToString() => $"kernel {Version}";
}
