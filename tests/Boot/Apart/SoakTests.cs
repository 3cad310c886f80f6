using System;
using System.Globalization;
using System.IO;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Boot.Apart;

/// <summary>The image of one maker, booted again and again: "make boot-soak" has the variables. Not a part of "make boot".</summary>
public sealed class SoakTests(GuestImage image, DebianImage debian) : IClassFixture<GuestImage>, IClassFixture<DebianImage>
{
    private const string Init = "/usr/local/sbin/soak-init";

    [Fact]
    public void Every_boot_comes_to_init_after_Ready()
    {
        string maker = Setting("MAKER", "initramfs-tools");
        string arguments = Setting("ARGUMENTS", "");
        int boots = int.Parse(Setting("BOOTS", "1"), CultureInfo.InvariantCulture);
        using VirtualMachine machine = new(debian.For(maker, image)) { Megabytes = 512, Processors = 2, IsForgetful = true };
        machine.Dvd = DvdImage.Udf(machine.InDirectory("dvd"), DvdImage.SampleOvf);
        machine.Disk.Write(Init, "#!/bin/sh\necho guest: init >/dev/kmsg\necho o >/proc/sysrq-trigger\nsleep 60\n"u8.ToArray());
        machine.Arguments = $"root=/dev/vda ro init={Init} {arguments}";
        bool isOff = arguments.Contains("azprovision=off", StringComparison.Ordinal);

        string directory = Directory.CreateDirectory(Repository.PathOf($"out/soak/{maker} {arguments}".TrimEnd())).FullName;
        string tally = Path.Combine(directory, "tally");
        int failed = 0;
        for (int boot = 1; boot <= boots; boot++)
        {
            if (TryBoot(machine, isOff) is { } console)
            {
                failed++;
                File.WriteAllText(Path.Combine(directory, $"failed{boot}"), console);
            }

            File.WriteAllText(tally, $"{maker} {arguments}: {boot - failed} of {boot} boots came to init, {failed} did not\n");
        }

        Assert.True(failed == 0, File.ReadAllText(tally));
    }

    /// <summary>Null: it came to init, and had reported Ready before if it was to. Else what the console said.</summary>
    private static string? TryBoot(VirtualMachine machine, bool isOff)
    {
        try
        {
            BootRecord boot = machine.Boot();
            bool isDone = boot.Serial.Contains("guest: init", StringComparison.Ordinal)
                && (isOff || boot.Received.Contains("<State>Ready</State>", StringComparison.Ordinal));
            return isDone ? null : $"{boot.Serial}\n{boot.Received}";
        }
        catch (InvalidOperationException e)
        {
            return e.Message;
        }
    }

    private static string Setting(string name, string otherwise) =>
        Environment.GetEnvironmentVariable($"AZPROVISION_SOAK_{name}") is { Length: > 0 } value ? value : otherwise;
}
