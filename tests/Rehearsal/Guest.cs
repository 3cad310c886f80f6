using System;
using System.Collections.Generic;

namespace Azprovision.Tests.Rehearsal;

/// <summary>What a machine says of itself to somebody who has logged in.</summary>
internal sealed record Guest(string Name, string User, string HostName, string MachineId, HashSet<string> HostKeys)
{
    /// <summary>A command whose output tells.</summary>
    internal const string Question = "id -un; id; uname -n; cat /etc/machine-id 2>/dev/null; true";

    internal static Guest? Parse(string answer, HashSet<string> hostKeys)
    {
        string[] lines = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length < 3 ? null : new Guest(lines[0], lines[1], lines[2], lines.Length > 3 ? lines[3] : "", hostKeys);
    }
}
