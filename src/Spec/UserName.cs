using System;
using System.IO;

namespace Azprovision.Spec;

/// <summary>
/// A user name that passwd(5), sudoers(5) and a path take as it is: [A-Za-z0-9_][A-Za-z0-9_.-]{0,31}, not root, and not all
/// digits, which many programs would take for a user id.
/// </summary>
internal sealed record UserName
{
    private const int MaxLength = 32;

    private UserName(string text) => Text = text;

    internal string Text { get; }

    internal static UserName Parse(string text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            throw new InvalidDataException(
                $"user name '{Printable.Of(text)}' has {text.Length} characters, 1 to {MaxLength} are allowed");
        }

        if (text[0] is '.' or '-')
        {
            throw new InvalidDataException(
                $"user name '{Printable.Of(text)}' begins with '{text[0]}'; a letter, a digit or '_' is needed");
        }

        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
            {
                throw new InvalidDataException(
                    $"user name '{Printable.Of(text)}' contains '{Printable.Of(c.ToString())}'; letters, digits, '_', '.' and '-' are allowed");
            }
        }

        if (!text.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            throw new InvalidDataException($"user name '{text}' is all digits, which is a user id to many programs");
        }

        return text == "root"
            ? throw new InvalidDataException("user name 'root' is the system's own; another one is needed")
            : new UserName(text);
    }

    public override string ToString() => Text;
}
