using System;
using System.Text;

namespace Azprovision.Spec;

/// <summary>Base64 as it stands in XML and JSON, broken into lines or not.</summary>
internal static class Base64Text
{
    /// <summary>The bytes, or null when it is not base64.</summary>
    internal static byte[]? TryDecode(string text)
    {
        var characters = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (!char.IsWhiteSpace(c))
            {
                characters.Append(c);
            }
        }

        byte[] decoded = new byte[characters.Length];
        return Convert.TryFromBase64String(characters.ToString(), decoded, out int length)
            ? decoded.AsSpan(0, length).ToArray()
            : null;
    }
}
