using System;
using System.Collections.Generic;
using System.Globalization;

namespace Azprovision.Accounts;

/// <summary>passwd(5): name:password:uid:gid:comment:home:shell.</summary>
internal sealed class PasswdFile(ReadOnlySpan<byte> content)
{
    private const int FieldCount = 7;

    private readonly AccountLines _lines = new(content);

    internal PasswdEntry? Find(string name)
    {
        int line = IndexOf(name);
        return line < 0 ? null : EntryOf(_lines.Fields(line));
    }

    internal IEnumerable<PasswdEntry> Entries()
    {
        for (int i = 0; i < _lines.Count; i++)
        {
            string[] fields = _lines.Fields(i);
            if (IsSound(fields))
            {
                yield return EntryOf(fields);
            }
        }
    }

    /// <summary>Takes over the line of a name from another such file.</summary>
    internal void Copy(string name, PasswdFile other) => _lines.Add(string.Join(':', other._lines.Fields(other.IndexOf(name))));

    /// <summary>Every user id that some line has, and the name there.</summary>
    internal Dictionary<uint, string> Uids()
    {
        var uids = new Dictionary<uint, string>();
        for (int i = 0; i < _lines.Count; i++)
        {
            string[] fields = _lines.Fields(i);
            if (fields.Length > 2 && AccountLines.TryParseId(fields[2], out uint uid))
            {
                uids.TryAdd(uid, fields[0]);
            }
        }

        return uids;
    }

    internal void Add(PasswdEntry entry) =>
        _lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.Name}:{entry.Password}:{entry.Uid}:{entry.Gid}::{entry.Home}:{entry.Shell}"));

    internal void SetPassword(string name, string password)
    {
        int line = IndexOf(name);
        string[] fields = _lines.Fields(line);
        fields[1] = password;
        _lines.Replace(line, fields);
    }

    internal void Remove(string name) => _lines.Remove(name);

    internal byte[] ToBytes() => _lines.ToBytes();

    // A damaged line of the name is passed over, as libc does.
    private int IndexOf(string name) => _lines.Find(name, IsSound);

    private static bool IsSound(string[] fields) =>
        fields.Length >= FieldCount && AccountLines.TryParseId(fields[2], out _) && AccountLines.TryParseId(fields[3], out _);

    private static PasswdEntry EntryOf(string[] fields) => new(
        fields[0],
        fields[1],
        uint.Parse(fields[2], CultureInfo.InvariantCulture),
        uint.Parse(fields[3], CultureInfo.InvariantCulture),
        fields[5],
        fields[6]);
}

/// <summary>The fields of a passwd(5) line that decide something here.</summary>
internal sealed record PasswdEntry(string Name, string Password, uint Uid, uint Gid, string Home, string Shell)
{
    /// <summary>The shell is one to log in with; an empty field is /bin/sh.</summary>
    internal bool HasLoginShell => IsForLogin(Shell);

    internal static bool IsForLogin(string shell) =>
        shell[(shell.LastIndexOf('/') + 1)..] is not ("nologin" or "false" or "sync" or "shutdown" or "halt");
}
