namespace Azprovision.Spec;

/// <summary>The platform's id of a VM. It becomes a part of file names, and a line of the record.</summary>
internal static class VmId
{
    private const int MaxLength = 128;

    /// <summary>What the platform gave as one; null when it can be none (too long, a "/" or the end of a line in it).</summary>
    internal static string? TryTake(string? text)
    {
        if (text is null or { Length: 0 or > MaxLength } || text[0] == '.')
        {
            return null;
        }

        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return null;
            }
        }

        return text;
    }
}
