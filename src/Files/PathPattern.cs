using System;
using System.IO;

namespace Azprovision.Files;

/// <summary>
/// A regular expression of the kind that file_contexts has, held against a whole path: characters, '.', classes,
/// groups, alternatives, '?', '*', '+'. It does not try one way after another but follows all of them at once: the set
/// of positions in the path where a part may begin becomes the set of those where it may end. So no pattern takes
/// exponential time.
/// </summary>
internal ref struct PathPattern
{
    private const int MaxLength = 1024;    // which bounds the recursion too
    private const int MaxWork = 4 << 20;   // positions looked at; patterns and paths of policies take some hundreds

    private readonly ReadOnlySpan<byte> _path;
    private int _work;

    private PathPattern(ReadOnlySpan<byte> path) => _path = path;

    /// <summary>A pattern that is malformed, or uses more of the syntax than this, matches nothing.</summary>
    internal static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> path)
    {
        bool[] start = new bool[path.Length + 1];
        start[0] = true;
        try
        {
            return pattern.Length <= MaxLength && new PathPattern(path).Alternatives(pattern, start)[path.Length];
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private bool[] Alternatives(ReadOnlySpan<byte> pattern, bool[] from)
    {
        int length = 0;
        while (length < pattern.Length && pattern[length] != '|')
        {
            length += ItemLength(pattern[length..]);
        }

        bool[] reached = Sequence(pattern[..length], from);
        return length == pattern.Length ? reached : Union(reached, Alternatives(pattern[(length + 1)..], from));
    }

    private bool[] Sequence(ReadOnlySpan<byte> pattern, bool[] from)
    {
        while (pattern.Length > 0 && from.AsSpan().Contains(true))
        {
            int length = ItemLength(pattern);
            ReadOnlySpan<byte> item = pattern[..length];
            byte repeat = length < pattern.Length && IsRepeat(pattern[length]) ? pattern[length++] : default;
            if (IsRepeat(item[0]))
            {
                throw Unknown(pattern);
            }

            pattern = pattern[length..];
            from = repeat switch
            {
                (byte)'?' => Union(from, Once(item, from)),
                (byte)'*' => Repeat(item, from),
                (byte)'+' => Repeat(item, Once(item, from)),
                _ => Once(item, from),
            };
        }

        return from;
    }

    private bool[] Once(ReadOnlySpan<byte> item, bool[] from)
    {
        if (item[0] == '(')
        {
            return Alternatives(item[1..^1], from);
        }

        bool[] to = new bool[from.Length];
        Walk(item, from, to);
        return to;
    }

    private bool[] Repeat(ReadOnlySpan<byte> item, bool[] from)
    {
        bool[] reached = [.. from];
        if (item[0] != '(')
        {
            Walk(item, reached, reached);   // from left to right, so that it takes what it has just reached
            return reached;
        }

        for (bool[] last = from; last.AsSpan().Contains(true);)
        {
            last = Once(item, last);
            for (int i = 0; i < last.Length; i++)
            {
                last[i] &= !reached[i];
                reached[i] |= last[i];
            }
        }

        return reached;
    }

    private void Walk(ReadOnlySpan<byte> item, bool[] from, bool[] to)
    {
        _work += from.Length;
        if (_work > MaxWork)
        {
            throw new InvalidDataException("the pattern takes too long");
        }

        for (int i = 0; i < _path.Length; i++)
        {
            to[i + 1] |= from[i] && Accepts(item, _path[i]);
        }
    }

    private static bool IsRepeat(byte value) => value is (byte)'?' or (byte)'*' or (byte)'+';

    private static bool Accepts(ReadOnlySpan<byte> item, byte value) => item[0] switch
    {
        (byte)'.' => true,
        (byte)'[' => item[1] == '^' ? !Has(item[2..^1], value) : Has(item[1..^1], value),
        (byte)'\\' => item[1] == value,
        _ => item[0] == value,
    };

    private static bool Has(ReadOnlySpan<byte> members, byte value)
    {
        for (int i = 0; i < members.Length; i++)
        {
            byte first = members[i] == '\\' ? members[++i] : members[i];
            byte last = first;
            if (i + 2 < members.Length && members[i + 1] == '-')
            {
                i += 2;
                last = members[i];
            }

            if (first <= value && value <= last)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The length of the first character, class or group, without the repetition after it.</summary>
    private static int ItemLength(ReadOnlySpan<byte> pattern) => pattern[0] switch
    {
        (byte)'(' => GroupLength(pattern),
        (byte)'[' => ClassLength(pattern),
        (byte)'\\' when pattern.Length > 1 && !char.IsAsciiLetterOrDigit((char)pattern[1]) => 2,
        (byte)'\\' or (byte)')' or (byte)'{' or (byte)'^' or (byte)'$' => throw Unknown(pattern),
        _ => 1,
    };

    private static int GroupLength(ReadOnlySpan<byte> pattern)
    {
        int length = 1;
        while (length < pattern.Length && pattern[length] != ')')
        {
            length += ItemLength(pattern[length..]);
        }

        return length < pattern.Length && pattern[1] != '?' ? length + 1 : throw Unknown(pattern);
    }

    private static int ClassLength(ReadOnlySpan<byte> pattern)
    {
        int start = pattern.StartsWith("[^"u8) ? 2 : 1;
        int length = start;
        while (length < pattern.Length && (pattern[length] != ']' || length == start))
        {
            length += pattern[length] == '\\' ? ItemLength(pattern[length..]) : 1;
        }

        return length < pattern.Length && pattern[..length].IndexOf("[:"u8) < 0 ? length + 1 : throw Unknown(pattern);
    }

    private static InvalidDataException Unknown(ReadOnlySpan<byte> pattern) =>
        new($"a pattern of '{(char)pattern[0]}' that is not known");

    private static bool[] Union(bool[] left, bool[] right)
    {
        bool[] both = new bool[left.Length];
        for (int i = 0; i < both.Length; i++)
        {
            both[i] = left[i] || right[i];
        }

        return both;
    }
}
