using System;
using System.Collections.Generic;
using System.Text;

namespace Azprovision.Spec;

/// <summary>The decoded text of ovf-env.xml and where in it passwords stand, so that copies can be made without them.</summary>
/// <param name="Passwords">character ranges of the contents of password elements, ascending</param>
/// <param name="CustomDataText">the base64 text of CustomData as it stands there, or null</param>
internal sealed record OvfDocument(string Text, IReadOnlyList<Range> Passwords, Secret? CustomDataText)
{
    /// <summary>UTF-8 bytes of the document with each password replaced; the replacement must need no XML escape.</summary>
    internal byte[] WithPassword(string replacement)
    {
        byte[] copy = new byte[Encoding.UTF8.GetByteCount(Text) + (Passwords.Count * replacement.Length)];
        int at = 0;
        int end = 0;
        foreach (Range password in Passwords)
        {
            (int start, int length) = password.GetOffsetAndLength(Text.Length);
            end += Encoding.UTF8.GetBytes(Text.AsSpan(at, start - at), copy.AsSpan(end));
            end += Encoding.UTF8.GetBytes(replacement, copy.AsSpan(end));
            at = start + length;
        }

        end += Encoding.UTF8.GetBytes(Text.AsSpan(at), copy.AsSpan(end));
        return copy.AsSpan(0, end).ToArray();
    }

    // A record would print its members, and the text holds the password.
    public override string ToString() => "(secret)";
}
