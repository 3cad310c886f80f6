using System;
using Azprovision.Files;
using Azprovision.Run;

namespace Azprovision.Tests.Live.Support;

/// <summary>A host whose wire server is Azure's.</summary>
internal static class NetworkHost
{
    /// <param name="kernel">the root that the machine's DHCP client sees</param>
    internal static Host With(Deadline deadline, string kernel = "/") => new(
        SystemRoot.Open("/"),
        SystemRoot.Open(kernel),
        "/dev",
        new Endpoint(0xA83F8110, 80),
        TimeProvider.System,
        deadline,
        deadline,
        new Log(TimeProvider.System));
}
