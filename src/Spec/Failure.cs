namespace Azprovision.Spec;

/// <summary>Why a run failed. Each member is an exit code, a row of the README and a reason in the report.</summary>
internal enum Failure
{
    Internal = 1,
    Usage = 2,
    NotRoot = 3,
    NoData = 10,
    BadData = 11,
    Preprovisioned = 12,
    Network = 20,
    Platform = 21,
    HostName = 30,
    User = 31,
    Password = 32,
    Sudo = 33,
    SshKeys = 34,
    Sshd = 35,
    CustomData = 36,
    SystemFiles = 37,
    TimedOut = 40,
}
