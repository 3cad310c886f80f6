using System.IO;

namespace Azprovision.Spec;

/// <summary>A user name that passwd(5), sudoers(5) and a path take as it is: [A-Za-z_][A-Za-z0-9_.-]{0,31}, not root.</summary>
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

        if (!char.IsAsciiLetter(text[0]) && text[0] != '_')
        {
            throw new InvalidDataException(
                $"user name '{Printable.Of(text)}' begins with '{Printable.Of(text[..1])}'; a letter or '_' is needed");
        }

        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
            {
                throw new InvalidDataException(
                    $"user name '{Printable.Of(text)}' contains '{Printable.Of(c.ToString())}'; letters, digits, '_', '.' and '-' are allowed");
            }
        }

        return text == "root"
            ? throw new InvalidDataException("user name 'root' is the system's own; another one is needed")
            : new UserName(text);
    }

    public override string ToString() => Text;
}
