using System;
using System.Collections.Generic;

namespace Azprovision.Check;

/// <summary>The kernel's arguments: those that it has, or those that the boot loader of an image will give it.</summary>
/// <param name="Place">where they stand</param>
/// <param name="Advice">where and how one more is added; to be completed with the argument</param>
internal sealed record BootArguments(IReadOnlyList<string> Words, string Place, Func<string, string> Advice)
{
    private const string Grub = "/etc/default/grub";

    private static readonly string[] s_files =
    [
        Grub, "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/boot/grub/menu.lst", "/boot/grub/grub.conf",
        "/boot/extlinux/extlinux.conf", "/boot/extlinux.conf", "/boot/syslinux/syslinux.cfg", "/etc/kernel/cmdline",
    ];

    private static readonly string[] s_directories = ["/boot/loader/entries", "/efi/loader/entries", "/boot/efi/loader/entries"];
    private static readonly char[] s_separators = [' ', '\t', '"', '\''];

    /// <summary>Null: no boot loader's file is known here.</summary>
    internal static BootArguments? TryRead(Image image)
    {
        var words = new List<string>();
        var files = new List<string>();
        foreach (string file in Candidates(image))
        {
            if (image.Has(file))
            {
                files.Add(file);
                image.Lines(file).ForEach(line => words.AddRange(line.Split(s_separators)));
            }
        }

        Func<string, string> advice = files.Contains(Grub)
            ? argument => $"GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX {argument}\" at the end of {Grub}, then update-grub"
            : argument => $"add {argument} to the kernel's arguments{(files.Count > 0 ? $" in {files[0]}" : "")}";
        if (image.IsRunning && image.TryReadText("/proc/cmdline") is { } line)
        {
            return new BootArguments(line.Trim().Split(' '), "/proc/cmdline", advice);
        }

        return files.Count == 0 ? null : new BootArguments(words, string.Join(", ", files), advice);
    }

    private static List<string> Candidates(Image image)
    {
        var files = new List<string>(s_files);
        foreach (string directory in s_directories)
        {
            foreach (string name in image.Root.NamesIn(directory))
            {
                files.Add($"{directory}/{name}");
            }
        }

        return files;
    }

    internal bool Has(Predicate<string> isIt)
    {
        foreach (string word in Words)
        {
            if (isIt(word))
            {
                return true;
            }
        }

        return false;
    }
}
