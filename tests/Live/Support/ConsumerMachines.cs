using System;

namespace Azprovision.Tests.Live.Support;

/// <summary>The two machines that ConsumerTests looks at: a user with a key alone, and one with a password too.</summary>
public sealed class ConsumerMachines : IDisposable
{
    internal DebianMachine KeyOnly { get; } = new(hasPassword: false);

    internal DebianMachine WithPassword { get; } = new(hasPassword: true);

    public void Dispose()
    {
        KeyOnly.Dispose();
        WithPassword.Dispose();
    }
}
