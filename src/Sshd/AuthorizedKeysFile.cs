using System;
using System.Collections.Generic;
using System.Text;
using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Sshd;

/// <summary>The lines of an authorized_keys file (sshd(8), AUTHORIZED_KEYS FILE FORMAT).</summary>
internal sealed class AuthorizedKeysFile
{
    private readonly TextLines _lines;
    private readonly HashSet<string> _blobs = [];   // a blob begins with its type

    internal AuthorizedKeysFile(ReadOnlySpan<byte> content)
    {
        _lines = TextLines.Parse(content);
        for (int i = 0; i < _lines.Count; i++)
        {
            string line = _lines[i].Trim();
            if (KeyOn(line) is { } key)
            {
                _blobs.Add(key.Blob);
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                FirstForeignLine ??= i;
            }
        }
    }

    /// <summary>The first line that is neither empty nor a comment nor a key, or null: then this may be such a file.</summary>
    internal int? FirstForeignLine { get; }

    /// <summary>Adds a key unless some line has it already, with options or another comment.</summary>
    internal void Add(SshPublicKey key)
    {
        if (_blobs.Add(key.Blob))
        {
            _lines.Add(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(key.Line)));
        }
    }

    internal byte[] ToBytes() => _lines.ToBytes();

    internal bool HasKey => _blobs.Count > 0;

    private static SshPublicKey? KeyOn(string line)
    {
        string text = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(line));
        return SshPublicKey.TryParse(text) ?? SshPublicKey.TryParse(WithoutOptions(text));
    }

    // Options end at the first blank outside double quotes; a quote inside them is written \".
    private static string WithoutOptions(string line)
    {
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\' && i + 1 < line.Length && line[i + 1] == '"')
            {
                i++;
            }
            else if (line[i] == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && line[i] is ' ' or '\t')
            {
                return line[i..].Trim(' ', '\t');
            }
        }

        return "";
    }
}
