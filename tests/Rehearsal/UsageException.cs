using System;

namespace Azprovision.Tests.Rehearsal;

/// <summary>There can be no rehearsal of what was asked for; the message is for whoever asked.</summary>
internal sealed class UsageException(string message) : Exception(message);
