using System;
using System.Globalization;

namespace Azprovision.Check;

/// <summary>The kernel's arguments that the platform asks for: its console, and virtual NUMA turned off for old kernels.</summary>
internal static class BootCheck
{
    private static readonly string[] s_consoles = ["console=ttyS0", "console=ttyAMA0"];

    internal static void Look(Image image, Findings findings)
    {
        if (BootArguments.TryRead(image) is not { } arguments)
        {
            findings.Note("console", "no boot loader's file is known here, so the kernel's arguments are not either");
            return;
        }

        bool hasConsole = arguments.Has(word => Array.Exists(s_consoles, console => word == console
            || word.StartsWith($"{console},", StringComparison.Ordinal)));
        if (!hasConsole)
        {
            findings.Warn("console", $"no console=ttyS0 in {arguments.Place}: the boot diagnostics stay empty",
                arguments.Advice("console=ttyS0"));
        }

        if (!arguments.Has(word => word == "numa=off"))
        {
            foreach (KernelBuild kernel in KernelBuild.Find(image))
            {
                if (MisreadsNuma(kernel.Version))
                {
                    findings.Error("kernel", $"{kernel} is older than 2.6.37 and misreads the platform's virtual NUMA",
                        arguments.Advice("numa=off"));
                }
            }
        }
    }

    /// <summary>Older than 2.6.37; Red Hat's 2.6.32-504 and later have the correction.</summary>
    internal static bool MisreadsNuma(string version)
    {
        string[] numbers = version.Split('-', 2);
        Version? upstream = Parse(numbers[0]);
        if (upstream is null || upstream >= new Version(2, 6, 37))
        {
            return false;
        }

        bool isRedHat = numbers.Length > 1 && numbers[1].Contains(".el6", StringComparison.Ordinal);
        return !(isRedHat && int.TryParse(numbers[1].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int build)
            && build >= 504);
    }

    private static Version? Parse(string text)
    {
        string[] parts = text.Split('.');
        int[] numbers = [0, 0, 0];
        for (int i = 0; i < numbers.Length && i < parts.Length; i++)
        {
            string digits = parts[i].TrimEnd('+');
            if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return i > 1 ? new Version(numbers[0], numbers[1], 0) : null;
            }
        }

        return new Version(numbers[0], numbers[1], numbers[2]);
    }
}
