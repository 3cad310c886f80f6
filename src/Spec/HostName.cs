using System.IO;

namespace Azprovision.Spec;

/// <summary>
/// A host name that the kernel takes: 1 to 64 characters, labels joined by dots (RFC 1123 2.1). The platform also allows one
/// label of 64, which is a character more than DNS takes, and "_".
/// </summary>
internal sealed record HostName
{
    private const int MaxLength = 64;   // __NEW_UTS_LEN

    private HostName(string text) => Text = text;

    internal string Text { get; }

    internal static HostName Parse(string text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            throw new InvalidDataException(
                $"host name '{Printable.Of(text)}' has {text.Length} characters, 1 to {MaxLength} are allowed");
        }

        foreach (string label in text.Split('.'))
        {
            if (label.Length == 0)
            {
                throw new InvalidDataException($"host name '{Printable.Of(text)}' has a label of 0 characters");
            }

            if (label[0] == '-' || label[^1] == '-')
            {
                throw new InvalidDataException(
                    $"host name '{Printable.Of(text)}' has a label that begins or ends with a hyphen");
            }

            foreach (char c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
                {
                    throw new InvalidDataException(
                        $"host name '{Printable.Of(text)}' contains '{Printable.Of(c.ToString())}'; letters, digits, '-', '_' and dots are allowed");
                }
            }
        }

        return new HostName(text);
    }

    public override string ToString() => Text;
}
