using System.IO;

namespace Azprovision.Spec;

/// <summary>A host name that the kernel and DNS take: 1 to 64 characters, labels joined by dots (RFC 1123 2.1).</summary>
internal sealed record HostName
{
    private const int MaxLength = 64;   // __NEW_UTS_LEN
    private const int MaxLabelLength = 63;

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
            if (label.Length is 0 or > MaxLabelLength)
            {
                throw new InvalidDataException(
                    $"host name '{Printable.Of(text)}' has a label of {label.Length} characters, 1 to {MaxLabelLength} are allowed");
            }

            if (label[0] == '-' || label[^1] == '-')
            {
                throw new InvalidDataException(
                    $"host name '{Printable.Of(text)}' has a label that begins or ends with a hyphen");
            }

            foreach (char c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                {
                    throw new InvalidDataException(
                        $"host name '{Printable.Of(text)}' contains '{Printable.Of(c.ToString())}'; letters, digits, hyphens and dots are allowed");
                }
            }
        }

        return new HostName(text);
    }

    public override string ToString() => Text;
}
