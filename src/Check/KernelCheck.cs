using System.Collections.Generic;

namespace Azprovision.Check;

/// <summary>Kernels and their drivers.</summary>
internal static class KernelCheck
{
    internal static void Look(Image image, Findings findings)
    {
        List<KernelBuild> kernels = KernelBuild.Find(image);
        if (kernels.Count == 0)
        {
            findings.Note("kernel",
                "neither modules below /lib/modules nor a /boot/config-VERSION, so nothing is known of the kernel");
        }

        foreach (KernelBuild kernel in kernels)
        {
            string source = kernel.IsKnown ? "" : image.IsRunning
                ? ", neither its modules nor its configuration in /boot: drivers are known by what is at work"
                : ", neither its modules nor its configuration: its drivers are not known";
            findings.Note("kernel", $"{kernel.Version}{source}");
            LookAtOptions(kernel, findings);
            foreach (Driver driver in Driver.All)
            {
                if (IsMissing(image, kernel, driver))
                {
                    string toDo = kernel.Setting(driver.Option) == "m"
                        ? "install all modules of this kernel"
                        : $"take a kernel with {driver.Option}";
                    findings.Add(driver.Severity, driver.Subject, $"{kernel} has no {driver.Name}: {driver.Without}", toDo);
                }
            }
        }
    }

    private static void LookAtOptions(KernelBuild kernel, Findings findings)
    {
        foreach ((string option, string without) in ((string, string)[])
            [
                ("CONFIG_FUTEX", "azprovision does not start"),
                ("CONFIG_MULTIUSER", "all files belong to root, the user's too"),
                ("CONFIG_INET", "there is no network to report Ready over"),
            ])
        {
            if (kernel.HasConfiguration && kernel.Setting(option) is null)
            {
                findings.Error("kernel", $"{kernel} has no {option}: {without}", $"take a kernel with {option}");
            }
        }
    }

    private static bool IsMissing(Image image, KernelBuild kernel, Driver driver)
    {
        if ((driver.IsForIde && kernel.IsForArm) || (image.IsRunning && image.Has(driver.Trace)))
        {
            return false;
        }

        // Where nothing tells what there is, what is at work would show.
        return kernel.Has(driver) is { } has ? !has : image.IsRunning && image.Has(driver.TraceParent);
    }
}
