using System.IO;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>One option as it was given somewhere.</summary>
/// <param name="Place">what to call it in an error: "--timeout", "/etc/azprovision.conf line 3: timeout"</param>
internal sealed record Setting(string Name, string? Value, string Place)
{
    internal string NonEmpty => Value is { Length: > 0 } ? Value : throw new InvalidDataException($"{Place}: needs a value");

    internal InvalidDataException Bad(string why) =>
        Value is null ? new($"{Place}: needs a value") : new($"{Place}: '{Printable.Of(Value)}' {why}");

    internal InvalidDataException Unknown() => new($"{Place}: unknown option");
}
