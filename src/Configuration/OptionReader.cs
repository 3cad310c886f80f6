using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Configuration;

/// <summary>Reads the options from the places that they are given in, and opens the root that they name.</summary>
internal static class OptionReader
{
    private const int MaxLength = 64 << 10;

    internal static List<Setting> ReadFlags(string[] arguments)
    {
        try
        {
            return SettingSources.FromArguments(arguments);
        }
        catch (InvalidDataException e)
        {
            throw BadUsage(e);
        }
    }

    /// <param name="root">"/" itself where no other root is named</param>
    /// <param name="warnings">what is wrong and does not end the run, for when the log is open</param>
    internal static Options Read(
        IReadOnlyList<Setting> flags, SystemRoot kernel, out SystemRoot root, List<string> warnings)
    {
        List<Setting> arguments = ReadKernelArguments(kernel, warnings);
        try
        {
            root = OpenRoot(Options.From([], arguments, flags, _ => { }).Root, flags, arguments, kernel, warnings);
            return Options.From(ConfigurationFiles.Read(root, warnings), arguments, flags, warnings.Add);
        }
        catch (InvalidDataException e)
        {
            throw BadUsage(e);
        }
    }

    /// <summary>Whether the kernel argument is there that the files of src/boot honour.</summary>
    internal static bool IsTurnedOff(SystemRoot kernel) =>
        Array.IndexOf(KernelArguments(kernel).Split([' ', '\n']), "azprovision=off") >= 0;

    private static ProvisioningException BadUsage(InvalidDataException e) =>
        new(Failure.Usage, $"{e.Message} (see azprovision --help)", e);

    private static SystemRoot OpenRoot(
        string directory, IReadOnlyList<Setting> flags, List<Setting> arguments, SystemRoot kernel, List<string> warnings)
    {
        try
        {
            return directory == "/" ? kernel : SystemRoot.Open(directory);
        }
        catch (IOException e)
        {
            foreach (Setting flag in flags)
            {
                if (flag.Name == "root")
                {
                    throw new ProvisioningException(Failure.Usage, e.Message, e);
                }
            }

            Setting argument = arguments.FindLast(argument => argument.Name == "root")!;
            warnings.Add($"{argument.Place}: {e.Message}, ignoring");
            arguments.RemoveAll(argument => argument.Name == "root");
            return kernel;
        }
    }

    // They are a help, and must not be a hindrance: without them the rest decides.
    private static List<Setting> ReadKernelArguments(SystemRoot kernel, List<string> warnings)
    {
        try
        {
            return SettingSources.FromKernel(KernelArguments(kernel).TrimEnd('\n'));
        }
        catch (IOException e)
        {
            warnings.Add($"kernel arguments: {e.Message}, ignoring");
            return [];
        }
    }

    private static string KernelArguments(SystemRoot kernel) =>
        Encoding.UTF8.GetString(kernel.TryRead("/proc/cmdline", MaxLength) ?? []);
}
