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
        EditHosts(root, name.Text);
        root.EditShared("/etc/hostname", line, s_file);
        if (root.TryReadAdvice("/etc/HOSTNAME") is not null)
        {
            root.EditShared("/etc/HOSTNAME", line, s_file);
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

        root.EditShared(path, lines.ToBytes(), s_file);
    }

    /// <summary>
    /// Where the image's own name stands on Debian's address for it, the new one takes its place. Before /etc/hostname, which
    /// says what the old one is.
    /// </summary>
    private static void EditHosts(PlannedRoot root, string name)
    {
        const string Path = "/etc/hosts";
        if (root.TryReadAdvice("/etc/hostname") is not { } old || root.TryReadAdvice(Path) is not { } content
            || FirstName(old) is not { } oldName)
        {
            return;
        }

        TextLines lines = TextLines.Parse(content);
        for (int i = 0; i < lines.Count; i++)
        {
            string[] words = lines[i].Split(' ', '\t');
            if (words[0] == "127.0.1.1" && !oldName.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                lines[i] = Rename(lines[i], oldName, name);
            }
        }

        root.Try(() => root.Edit(Path, lines.ToBytes(), s_file));
    }

    // hostname(5): "#" begins a comment line.
    private static string? FirstName(byte[] content) => Array.Find(
        Encoding.Latin1.GetString(content).Split('\n', StringSplitOptions.TrimEntries), line => line.Length > 0 && line[0] != '#');

    /// <summary>
    /// Every word of the line that is the name, or the name with a domain, which stays; blanks and comment too. A name that has a
    /// domain itself is followed by its short form.
    /// </summary>
    private static string Rename(string line, string old, string name)
    {
        string next = name;
        var renamed = new StringBuilder();
        for (int at = 0; at < line.Length && line[at] != '#';)
        {
            int length = line.AsSpan(at).IndexOfAny(" \t\r#");
            string word = length < 0 ? line[at..] : line.Substring(at, Math.Max(1, length));
            string rest = word.StartsWith(old, StringComparison.OrdinalIgnoreCase) ? word[old.Length..] : "?";
            bool isName = rest.Length == 0 || rest[0] == '.';
            renamed.Append(isName ? next + (name.Contains('.') ? "" : rest) : word);
            next = isName ? name.Split('.')[0] : next;
            at += word.Length;
        }

        int comment = line.IndexOf('#', StringComparison.Ordinal);
        return renamed.Append(comment < 0 ? "" : line[comment..]).ToString();
    }
}
