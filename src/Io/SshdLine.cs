using System.Collections.Generic;

namespace Azprovision.Io;

/// <summary>A keyword of an sshd_config(5) with its arguments, and where it stands.</summary>
/// <param name="Keyword">lower case, and of two names for one thing the newer</param>
/// <param name="IsGlobal">it counts for every connection: no Match stands above it in its file</param>
internal sealed record SshdLine(string Path, int Index, string Keyword, IReadOnlyList<string> Arguments, bool IsGlobal);
