using System;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>Step hostname: the kernel's name, /etc/hostname, and the files in which other distributions keep it.</summary>
internal static class SystemHostName
{
    private static readonly Ownership s_file = new(0x1A4);   // 0644

    internal static void Plan(PlannedRoot root, HostName name)
    {
        if (Libc.GetHostName() != name.Text)
        {
            root.Call("sethostname(2)", () => Libc.SetHostName(Encoding.ASCII.GetBytes(name.Text)));
        }

        PlanFiles(root, name);
    }

    /// <summary>Without the kernel's, which is that of the running system.</summary>
    internal static void PlanFiles(PlannedRoot root, HostName name)
    {
        byte[] line = Encoding.ASCII.GetBytes($"{name.Text}\n");
        root.Edit("/etc/hostname", line, s_file);
        if (root.TryStatus("/etc/HOSTNAME") is not null)
        {
            root.Edit("/etc/HOSTNAME", line, s_file);
        }

        EditAssignment(root, "/etc/conf.d/hostname", "hostname", $"\"{name.Text}\"");
        EditAssignment(root, "/etc/sysconfig/network", "HOSTNAME", name.Text);
    }

    /// <summary>Sets NAME= in a shell-like file that has such a line; every one of them, since the last one counts.</summary>
    private static void EditAssignment(PlannedRoot root, string path, string key, string value)
    {
        if (root.TryReadAdvice(path) is not { } content)
        {
            return;
        }

        TextLines lines = TextLines.Parse(content);
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i];
            string trimmed = line.TrimStart(' ', '\t');
            if (trimmed.StartsWith($"{key}=", StringComparison.Ordinal))
            {
                lines[i] = $"{line.AsSpan(0, line.Length - trimmed.Length)}{key}={value}";
            }
        }

        root.Edit(path, lines.ToBytes(), s_file);
    }
}
