namespace Azprovision.Check;

/// <summary>Something that a look at an image or machine has shown.</summary>
/// <param name="Subject">the duty or the part of the system that it is about</param>
/// <param name="ToDo">"": nothing</param>
internal sealed record Finding(Severity Severity, string Subject, string What, string ToDo);

internal enum Severity
{
    Note,

    /// <summary>Some machines, or some duties, will miss it.</summary>
    Warning,

    /// <summary>Machines made from this will not be provisioned.</summary>
    Error,
}
