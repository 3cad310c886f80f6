using System;

namespace Azprovision.Spec;

/// <summary>The steps that --only and --skip name, in the order in which they run.</summary>
[Flags]
internal enum Steps
{
    None = 0,
    HostName = 1 << 0,
    User = 1 << 1,
    Password = 1 << 2,
    Sudo = 1 << 3,
    SshKeys = 1 << 4,
    Sshd = 1 << 5,
    CustomData = 1 << 6,
    System = 1 << 7,
    ResourceDisk = 1 << 8,
    Report = 1 << 9,
    All = (1 << 10) - 1,
}
