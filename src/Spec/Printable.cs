using System.Text;

namespace Azprovision.Spec;

/// <summary>Makes text from outside safe for one line of a log, a console or a report.</summary>
internal static class Printable
{
    private const int MaxLength = 100;

    /// <summary>The text with control characters and lone surrogates as \xNN or \uNNNN, cut after 100 characters.</summary>
    internal static string Of(string text)
    {
        var safe = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (safe.Length >= MaxLength)
            {
                return safe.Append("...").ToString();
            }

            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is
                System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator
                or System.Globalization.UnicodeCategory.ParagraphSeparator)
            {
                safe.Append(rune.Value < 0x100 ? $"\\x{rune.Value:x2}" : $"\\u{rune.Value:x4}");
            }
            else
            {
                safe.Append(rune.ToString());
            }
        }

        return safe.ToString();
    }
}
