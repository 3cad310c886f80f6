using System;
using Azprovision.Files;

namespace Azprovision.Run;

/// <summary>Everything outside this program that it talks to; a test passes other places, never other code.</summary>
/// <param name="Files">the root that is provisioned</param>
/// <param name="Kernel">"/" as it is now, for the running kernel's /proc and /sys; the same as Files on a running system</param>
/// <param name="Devices">the device directory of the running kernel, "/dev"</param>
/// <param name="Deadline">when provisioning must be over: --timeout, less the time for a last word</param>
/// <param name="LastWord">when the whole run must be over, the report of a failure included (--timeout)</param>
internal sealed record Host(
    SystemRoot Files,
    SystemRoot Kernel,
    string Devices,
    Endpoint WireServer,
    TimeProvider Time,
    Deadline Deadline,
    Deadline LastWord,
    Log Log);
