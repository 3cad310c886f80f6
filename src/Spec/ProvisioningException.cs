using System;

namespace Azprovision.Spec;

/// <summary>A step that had to succeed and did not; the message is the one line for the log and the report.</summary>
internal sealed class ProvisioningException(Failure failure, string message, Exception? cause = null)
    : Exception(message, cause)
{
    internal Failure Failure => failure;
}
