using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;

namespace Azprovision.Spec;

/// <summary>The form of a public key that other SSH programs write (RFC 4716).</summary>
internal static class Ssh2PublicKey
{
    private const string Begin = "---- BEGIN SSH2 PUBLIC KEY ----";
    private const string End = "---- END SSH2 PUBLIC KEY ----";

    /// <summary>The same key as a line of OpenSSH; any other text as it is.</summary>
    internal static string ToOpenSsh(string text)
    {
        int start = text.IndexOf(Begin, StringComparison.Ordinal);
        if (start < 0)
        {
            return text;
        }

        int end = text.IndexOf(End, start, StringComparison.Ordinal);
        var base64 = new StringBuilder();
        bool isHeader = false;
        foreach (string line in text[(start + Begin.Length)..Math.Max(end, start + Begin.Length)].Split('\r', '\n'))
        {
            // A header has a colon, which base64 has not, and goes on in the next line after a backslash.
            bool isContinued = isHeader;
            isHeader = isContinued || line.Contains(':') ? line.EndsWith('\\') : false;
            if (!isContinued && !line.Contains(':'))
            {
                base64.Append(line);
            }
        }

        byte[]? blob = Base64Text.TryDecode(base64.ToString());
        int length = blob?.Length >= sizeof(int) ? BinaryPrimitives.ReadInt32BigEndian(blob) : -1;
        return end > start && blob is not null && length > 0 && length <= blob.Length - sizeof(int)
            ? $"{Encoding.ASCII.GetString(blob, sizeof(int), length)} {Convert.ToBase64String(blob)}"
            : throw new InvalidDataException("SSH key in the form of SSH2 (RFC 4716) is cut short or damaged");
    }
}
