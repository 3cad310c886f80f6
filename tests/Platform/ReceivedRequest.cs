using System;
using System.Collections.Generic;
using System.Text;

namespace Azprovision.Tests.Platform;

/// <summary>A request as the scripted server has read it.</summary>
/// <param name="Time">since the server was started</param>
/// <param name="Headers">names in any case</param>
public sealed record ReceivedRequest(
    TimeSpan Time, string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string Line => $"{Method} {Target}";
}
