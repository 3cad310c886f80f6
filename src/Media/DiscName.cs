using System;
using System.Collections.Generic;

namespace Azprovision.Media;

/// <summary>Picks a file of the root directory by name: as it is spelled if it is there, else whatever the case.</summary>
internal static class DiscName
{
    /// <summary>The index of the name that fits best, or -1.</summary>
    /// <param name="isoCharacters">the names are of plain ISO 9660, whose writers turn a hyphen into '_'</param>
    internal static int Find(IReadOnlyList<string> names, string wanted, bool isoCharacters = false)
    {
        int best = -1;
        for (int i = names.Count - 1; i >= 0; i--)
        {
            if (names[i] == wanted)
            {
                return i;
            }

            if (names[i].Equals(wanted, StringComparison.OrdinalIgnoreCase)
                || (isoCharacters && names[i].Equals(wanted.Replace('-', '_'), StringComparison.OrdinalIgnoreCase)))
            {
                best = i;
            }
        }

        return best;
    }
}
