using System.Collections.Generic;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Live.Support;

/// <summary>Runs the published executable on a root directory, in a UTS namespace so that the host keeps its name.</summary>
internal static class Provisioning
{
    /// <summary>It asks nobody outside, unless the arguments say so.</summary>
    internal static Tool Run(string root, params IEnumerable<string> arguments) => Tool.Try(
        "unshare",
        ["--uts", "--", Repository.Binary, "--root", root, "--network", "off", "--imds", "none", .. arguments]);

    /// <summary>With the loopback platform as the wire server.</summary>
    internal static Tool Run(string root, ScriptedServer platform, params IEnumerable<string> arguments) =>
        Run(root, ["--wireserver", platform.EndPoint.ToString(), .. arguments]);
}
