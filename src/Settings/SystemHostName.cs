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

    internal static void Plan(ChangeSet changes, SystemRoot files, HostName name)
    {
        if (Libc.GetHostName() != name.Text)
        {
            changes.Call("sethostname(2)", () => Libc.SetHostName(Encoding.ASCII.GetBytes(name.Text)));
        }

        byte[] line = Encoding.ASCII.GetBytes($"{name.Text}\n");
        changes.Edit("/etc/hostname", line, s_file);
        if (files.TryStatus("/etc/HOSTNAME") is not null)
        {
            changes.Edit("/etc/HOSTNAME", line, s_file);
        }

        EditAssignment(changes, files, "/etc/conf.d/hostname", "hostname", $"\"{name.Text}\"");
        EditAssignment(changes, files, "/etc/sysconfig/network", "HOSTNAME", name.Text);
    }

    /// <summary>Sets NAME= in a shell-like file that has such a line; every one of them, since the last one counts.</summary>
    private static void EditAssignment(ChangeSet changes, SystemRoot files, string path, string key, string value)
    {
        if (files.TryRead(path) is not { } content)
        {
            return;
        }

        string[] lines = Encoding.Latin1.GetString(content).Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string trimmed = lines[i].TrimStart(' ', '\t');
            if (trimmed.StartsWith($"{key}=", StringComparison.Ordinal))
            {
                lines[i] = $"{lines[i][..(lines[i].Length - trimmed.Length)]}{key}={value}";
            }
        }

        changes.Edit(path, Encoding.Latin1.GetBytes(string.Join('\n', lines)), s_file);
    }
}
