using System;
using System.Collections.Generic;
using System.Globalization;

namespace Azprovision.Accounts;

/// <summary>group(5), name:password:gid:members, and gshadow(5), name:password:administrators:members.</summary>
internal sealed class GroupFile
{
    private const int MemberField = 3;

    private readonly AccountLines _lines;
    private readonly bool _hasIds;

    private GroupFile(ReadOnlySpan<byte> content, bool hasIds)
    {
        _lines = new AccountLines(content);
        _hasIds = hasIds;
    }

    internal static GroupFile Parse(ReadOnlySpan<byte> group) => new(group, hasIds: true);

    internal static GroupFile ParseShadow(ReadOnlySpan<byte> groupShadow) => new(groupShadow, hasIds: false);

    internal bool Has(string name) => IndexOf(name) >= 0;

    internal uint? GidOf(string name)
    {
        int line = IndexOf(name);
        return line >= 0 && AccountLines.TryParseId(_lines.Fields(line)[2], out uint gid) ? gid : null;
    }

    /// <summary>The first group with this id.</summary>
    internal string? NameOf(uint gid)
    {
        for (int i = 0; i < _lines.Count; i++)
        {
            string[] fields = _lines.Fields(i);
            if (fields.Length > 2 && AccountLines.TryParseId(fields[2], out uint id) && id == gid)
            {
                return fields[0];
            }
        }

        return null;
    }

    internal bool HasMember(string name, string member)
    {
        int line = IndexOf(name);
        string[] fields = line < 0 ? [] : _lines.Fields(line);
        return fields.Length > MemberField && Array.IndexOf(fields[MemberField].Split(','), member) >= 0;
    }

    /// <summary>The names of the groups that a user is in, as a member or by the id in passwd(5).</summary>
    internal List<string> GroupsOf(string member, uint gid)
    {
        var names = new List<string>();
        for (int i = 0; i < _lines.Count; i++)
        {
            string[] fields = _lines.Fields(i);
            bool isFirst = fields.Length > 2 && AccountLines.TryParseId(fields[2], out uint id) && id == gid;
            if (isFirst || (fields.Length > MemberField && Array.IndexOf(fields[MemberField].Split(','), member) >= 0))
            {
                names.Add(fields[0]);
            }
        }

        return names;
    }

    internal HashSet<uint> Gids()
    {
        var gids = new HashSet<uint>();
        for (int i = 0; i < _lines.Count; i++)
        {
            string[] fields = _lines.Fields(i);
            if (fields.Length > 2 && AccountLines.TryParseId(fields[2], out uint gid))
            {
                gids.Add(gid);
            }
        }

        return gids;
    }

    /// <summary>A group without members; in gshadow one that nobody can join by password.</summary>
    internal void Add(string name, uint gid) =>
        _lines.Add(_hasIds ? string.Create(CultureInfo.InvariantCulture, $"{name}:x:{gid}:") : $"{name}:!::");

    /// <summary>Takes over the line of a group from another such file.</summary>
    internal void Copy(string name, GroupFile other) => _lines.Add(string.Join(':', other._lines.Fields(other.IndexOf(name))));

    /// <summary>Adds a member who is not one yet; a group that is not there stays absent.</summary>
    internal void AddMember(string name, string member)
    {
        int line = IndexOf(name);
        if (line < 0)
        {
            return;
        }

        string[] fields = _lines.Fields(line);
        if (fields.Length == MemberField)
        {
            Array.Resize(ref fields, MemberField + 1);   // the last colon is missing, which libc lets pass
            fields[MemberField] = "";
        }

        if (!HasMember(name, member))
        {
            fields[MemberField] += fields[MemberField].Length > 0 ? $",{member}" : member;
            _lines.Replace(line, fields);
        }
    }

    /// <summary>Takes a user out of all groups, as member and, in gshadow, as administrator.</summary>
    internal void RemoveMember(string member)
    {
        for (int i = 0; i < _lines.Count; i++)
        {
            string[] fields = _lines.Fields(i);
            bool isChanged = false;
            for (int field = _hasIds ? MemberField : MemberField - 1; field < fields.Length && field <= MemberField; field++)
            {
                string[] others = Array.FindAll(fields[field].Split(','), name => name != member);
                string left = string.Join(',', others);
                isChanged |= left != fields[field];
                fields[field] = left;
            }

            if (isChanged)
            {
                _lines.Replace(i, fields);
            }
        }
    }

    internal void Remove(string name) => _lines.Remove(name);

    internal byte[] ToBytes() => _lines.ToBytes();

    private int IndexOf(string name) => _lines.Find(
        name,
        fields => fields.Length >= MemberField && (!_hasIds || AccountLines.TryParseId(fields[2], out _)));
}
