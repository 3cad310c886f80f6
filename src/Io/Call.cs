using System;

namespace Azprovision.Io;

/// <summary>Something that is not a file: a system call, a signal, a program.</summary>
internal sealed record Call(string Path, Action Invoke) : Change(Path, "call");
